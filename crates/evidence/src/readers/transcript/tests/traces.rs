//! Traces, control ports and slow connections.

use super::*;

/// A hop by its distance: address, type and code of its ICMP message; `None` where the packet arrived.
type Step<'a> = (u8, Option<(&'a str, u8, u8)>);

/// A trace of the fixtures' host: hops, senders, ICMP types and codes; `None` for the host itself.
fn traced(connect: Outcome, hops: &[Step<'_>]) -> ConnectionAttempt {
    let hop = |&(hops, answer): &(u8, Option<(&str, u8, u8)>)| {
        let answer = answer.map_or(HopAnswer::Arrived, |(from, message_type, code)| HopAnswer::Icmp {
            from: from.parse().unwrap(),
            message_type,
            code,
        });
        Hop { hops, answer, elapsed_us: 700 }
    };
    let trace = Trace { method: TraceMethod::Tcp, asked: 30, hops: hops.iter().map(hop).collect() };
    ConnectionAttempt { trace: Some(trace), ..attempt(connect) }
}

fn check_trace(attempt: ConnectionAttempt, tcp: &str, more: &str) {
    let facts = render(&facts(probe("kms1", vec![], vec![attempt], vec![])));
    let facts: Vec<&str> = facts.lines().map(|line| line.strip_prefix("kms1:1688 endpoint.").unwrap()).collect();
    let expect = std::iter::once(format!("tcp = {tcp}")).chain(more.split(", ").map(str::to_owned));
    assert_eq!(facts, expect.collect::<Vec<_>>());
}

#[test]
fn traces() {
    let silent = || Outcome::TimedOut;
    let unreachable = || Outcome::Unreachable { os_error: Some(113) };
    check_trace(traced(silent(), &[]), "timeout", "path unknown NoAnswer, last-hop absent");
    let router = (1, Some(("10.0.1.1", 11, 0)));
    check_trace(traced(silent(), &[router]), "timeout", "path = ends, last-hop = 10.0.1.1");
    let ends = [router, (2, Some(("10.0.2.1", 11, 0)))];
    check_trace(traced(silent(), &ends), "timeout", "path = ends, last-hop = 10.0.2.1");
    let arrives = [router, (2, None)];
    check_trace(
        traced(silent(), &arrives),
        "timeout",
        "slow = true, path = arrives, last-hop = 10.0.1.1, alive = true",
    );
    let prohibited = "path = prohibited, last-hop = 10.0.2.1, alive unknown NoAnswer";
    for code in [9, 10, 13, 3] {
        check_trace(traced(unreachable(), &[router, (2, Some(("10.0.2.1", 3, code)))]), "unreachable", prohibited);
    }
    for code in [0, 1] {
        let hops = [router, (2, Some(("10.0.2.1", 3, code)))];
        check_trace(traced(unreachable(), &hops), "unreachable", "path = no-route, last-hop = 10.0.2.1");
    }
    // Linux says EACCES where a router says that it is prohibited.
    let forbidden = Outcome::Failed { os_error: Some(13), text: "Permission denied".to_owned() };
    let by_router = traced(forbidden.clone(), &[(1, Some(("fd01::1", 1, 1)))]);
    check_trace(by_router, "unreachable", "path = prohibited, last-hop = fd01::1, alive unknown NoAnswer");
    check_trace(traced(forbidden, &[]), "blocked-locally", "path unknown NoAnswer, last-hop absent");
    // Who refuses in the host's own name is the host.
    let refused = traced(silent(), &[(3, Some(("10.0.0.5", 3, 3)))]);
    check_trace(refused, "timeout", "slow = true, path = arrives, last-hop = 10.0.0.5, alive = true");
}

#[test]
fn traces_by_echo_and_none() {
    let with = |method| {
        let mut attempt = traced(Outcome::TimedOut, &[(1, Some(("10.0.1.1", 11, 0)))]);
        attempt.trace.as_mut().unwrap().method = method;
        attempt
    };
    check_trace(with(TraceMethod::Icmp), "timeout", "last-hop = 10.0.1.1");
    check_trace(with(TraceMethod::NotPermitted), "timeout", "path unknown NotPermitted, last-hop unknown NotPermitted");
    let record = |attempt| probe("kms1", vec![], vec![attempt], vec![]);
    assert_eq!(
        quotes(record(traced(Outcome::TimedOut, &[(1, Some(("10.0.1.1", 11, 0)))])))[1],
        "trace TCP 10.0.0.5:1688: 1 10.0.1.1 (0.7 ms); nothing from 2 to 30"
    );
    assert_eq!(
        quotes(record(traced(Outcome::TimedOut, &[(2, Some(("10.0.2.1", 3, 13)))])))[1],
        "trace TCP 10.0.0.5:1688: 2 10.0.2.1, ICMP type 3 code 13 (0.7 ms)"
    );
    let far: Vec<_> = (1..8).map(|hops| (hops, Some(("10.0.1.1", 11, 0)))).collect();
    assert!(quotes(record(traced(Outcome::TimedOut, &far)))[1].contains(": …; 4 10.0.1.1 (0.7 ms); 5 "));
}

#[test]
fn what_accepts_everything() {
    let with = |outcome| {
        let control = Some(sign(LifeMethod::Tcp { port: 1 }, outcome));
        ConnectionAttempt { control, ..connected(bind(Outcome::Reset)) }
    };
    for (outcome, state) in [
        (Outcome::Connected, Some("true")),
        (Outcome::Refused, Some("false")),
        (Outcome::TimedOut, Some("false")),
        (Outcome::Failed { os_error: None, text: String::new() }, None),
    ] {
        let found = render(&facts(probe("kms1", vec![], vec![with(outcome)], vec![])));
        let line = found.lines().find_map(|line| line.strip_prefix("kms1:1688 endpoint.accepts-everything = "));
        assert_eq!(line, state);
    }
}

#[test]
fn slow_and_quick_connections() {
    let with = |connect_us, elapsed_us| {
        let bind = Exchange { elapsed_us, ..bind(received(&bind_ack(0))) };
        ConnectionAttempt { connect_us, ..connected(bind) }
    };
    for (attempts, state) in [
        (vec![with(1_003_000, 400)], Some("true")),
        (vec![with(400, 1_200_000)], Some("true")),
        (vec![with(400, 400)], Some("false")),
        (vec![with(1_003_000, 400), with(400, 400)], Some("false")),
        (vec![attempt(Outcome::Refused)], None),
    ] {
        let found = render(&facts(probe("kms1", vec![], attempts, vec![])));
        let line = found.lines().find_map(|line| line.strip_prefix("kms1:1688 endpoint.slow = "));
        assert_eq!(line, state);
    }
}

#[test]
fn ipv6_without_a_route_says_nothing_of_the_host() {
    let told = |attempts: &[(&str, i32)]| {
        let attempt = |(address, number): &(&str, i32)| ConnectionAttempt {
            address: address.parse().unwrap(),
            ..attempt(Outcome::Unreachable { os_error: Some(*number) })
        };
        let attempts = attempts.iter().map(attempt).collect();
        let sign = sign(LifeMethod::Tcp { port: 135 }, Outcome::Unreachable { os_error: Some(101) });
        let told = render(&facts(probe("kms1", vec![ProbeReason::Cached], attempts, vec![sign])));
        told.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&[("[fd00::5]:1688", 101), ("[fd00::6]:1688", 10051), ("[fd00::7]:1688", 99)]),
        ["kms1:1688 endpoint.ipv6-unrouted = true", "kms1:1688 endpoint.tcp unknown NotPermitted"],
    );
    assert_eq!(
        told(&[("[fd00::5]:1688", 101), ("[fd00::6]:1688", 113)]),
        [
            "kms1:1688 endpoint.ipv6-unrouted = false",
            "kms1:1688 endpoint.tcp = unreachable",
            "kms1:1688 endpoint.alive = false"
        ],
    );
    assert_eq!(
        told(&[("[fd00::5]:1688", 101), ("10.0.0.5:1688", 101)]),
        ["kms1:1688 endpoint.tcp = unreachable", "kms1:1688 endpoint.alive = false"],
    );
}

#[test]
fn a_router_that_knows_no_way_is_another_thing() {
    let no_route = traced(Outcome::Unreachable { os_error: Some(101) }, &[(1, Some(("fd00::1", 1, 0)))]);
    let attempt = ConnectionAttempt { address: "[fd00::5]:1688".parse().unwrap(), ..no_route };
    let told = render(&facts(probe("kms1", vec![ProbeReason::Cached], vec![attempt], Vec::new())));
    assert!(told.contains("endpoint.ipv6-unrouted = false"), "{told}");
}
