//! Time sources, and how long everything took.

use super::*;

fn check_times(record: Record, expect: &[&str]) {
    let facts = facts(record).into_iter().filter(|fact| fact.key.is_duration());
    assert_eq!(render(&facts.collect::<Vec<_>>()).lines().collect::<Vec<_>>(), expect);
}

#[test]
fn time_sources() {
    // Five hours behind: the source is 18000 s ahead.
    check(
        time(ntp_reply(0, 2, 18_000)),
        "dc1.contoso.com clock.outcome = answered
         dc1.contoso.com clock.offset-s = +18000.000
         dc1.contoso.com clock.bound-s = +0.010",
    );
    check(
        time(ntp_reply(0, 2, -18_000)),
        "dc1.contoso.com clock.outcome = answered
         dc1.contoso.com clock.offset-s = -18000.000
         dc1.contoso.com clock.bound-s = +0.010",
    );
    for (outcome, state) in [
        (Outcome::TimedOut, "= timeout"),
        (Outcome::Refused, "= refused"),
        (Outcome::Unreachable { os_error: None }, "= unreachable"),
        (Outcome::Failed { os_error: None, text: String::new() }, "unknown NotPermitted"),
    ] {
        check(time(outcome), &format!("dc1.contoso.com clock.outcome {state}"));
    }
    let Record::Time(mut question) = time(Outcome::TimedOut) else { unreachable!() };
    (question.exchange, question.address) = (None, None);
    check(Record::Time(question), "dc1.contoso.com clock.outcome = unresolved");
    assert_eq!(
        quotes(time(ntp_reply(0, 2, 18_000))),
        ["SNTP dc1.contoso.com @10.0.0.2:123: offset +18000.000000 s, delay 0.020000 s, stratum 2 (20.0 ms)"]
    );
}

#[test]
fn answers_that_tell_no_time() {
    let check_untold = |record: Record, outcome: &str, quote: &str| {
        assert!(quotes(record.clone())[0].contains(quote), "{quote}");
        let untold = format!(
            "dc1.contoso.com clock.outcome {outcome}
             dc1.contoso.com clock.offset-s unknown Unreadable"
        );
        check(record, &untold);
    };
    for (leap, stratum) in [(3, 2), (0, 16), (3, 0), (0, 255)] {
        let quote = format!("server not synchronised (leap {leap}, stratum {stratum})");
        check_untold(time(ntp_reply(leap, stratum, 18_000)), "= unsynchronised", &quote);
    }
    let changed = |change: fn(&mut [u8])| {
        let Outcome::Received { mut data } = ntp_reply(0, 0, 18_000) else { unreachable!() };
        change(&mut data.0);
        time(received(&data.0))
    };
    let kissed = changed(|reply| reply[12..16].copy_from_slice(b"RATE"));
    check_untold(kissed, "= unsynchronised", "no time, the server says RATE");
    let foreign = changed(|reply| reply[24] ^= 1);
    check_untold(foreign, "unknown Unreadable", "the NTP answer belongs to another request");
    check_untold(time(received(b"short")), "unknown Unreadable", "5 bytes are no NTP message");
    // The local clock was set while the question was under way.
    let Record::Time(mut question) = time(ntp_reply(0, 2, 18_000)) else { unreachable!() };
    question.received_at += jiff::SignedDuration::from_secs(18_000);
    check_untold(Record::Time(question), "unknown Unreadable", "the local clock was set during the question");
}

#[test]
fn how_long_it_took() {
    let acknowledged = |connect_us| ConnectionAttempt { connect_us, ..connected(bind(received(&bind_ack(0)))) };
    let attempts = vec![acknowledged(9_000), attempt(Outcome::TimedOut), acknowledged(300)];
    check_times(
        probe("kms1", vec![], attempts, vec![]),
        &["kms1:1688 endpoint.connect-us = 300", "kms1:1688 endpoint.bind-us = 1200"],
    );
    let silent = ConnectionAttempt { connect_us: 300, ..connected(bind(Outcome::TimedOut)) };
    check_times(probe("kms1", vec![], vec![silent], vec![]), &["kms1:1688 endpoint.connect-us = 300"]);
    check_times(probe("kms1", vec![], vec![attempt(Outcome::Refused)], vec![]), &[]);
    let answer = |sent: &[u8]| response(sent, 0, &[]);
    check_times(dns(SERVICE, RecordType::Srv, answer), &["10.0.0.1 resolver.answer-us = 450"]);
    let Record::Dns(mut question) = dns(SERVICE, RecordType::Srv, answer) else { unreachable!() };
    let lost = Exchange { outcome: Outcome::TimedOut, elapsed_us: 750_000, ..question.exchanges[0].clone() };
    question.exchanges.insert(0, lost.clone());
    check_times(Record::Dns(question.clone()), &["10.0.0.1 resolver.answer-us = 750450"]);
    question.exchanges.push(lost);
    check_times(Record::Dns(question), &[]);
    check_times(time(ntp_reply(0, 2, 0)), &["dc1.contoso.com clock.round-trip-us = 20000"]);
    check_times(time(Outcome::TimedOut), &[]);
}
