//! Transcripts with other names and addresses.

use std::net::{IpAddr, SocketAddr};

use kmsdoctor_core::redact::{Form, Redactor};
use kmsdoctor_wire::hex::Hex;
use kmsdoctor_wire::transcript::{
    ConnectionAttempt, EndpointProbe, Exchange, HopAnswer, LookupOutcome, Outcome, ProbeReason, Record, Scope,
    SignOfLife, Transcript,
};
use kmsdoctor_wire::{dns, rpc};

/// Bytes by which foreign answers are told apart.
const HEAD_BYTES: usize = 8;

/// Bytes 12 to 15 of an NTP message: the address of the server's own source, unless the second byte is zero.
const NTP_SOURCE: std::ops::Range<usize> = 12..16;

pub(super) fn learn(transcript: &Transcript, redactor: &mut Redactor) {
    match &transcript.record {
        Record::Scope(scope) => {
            scope.machine.iter().for_each(|name| redactor.learn_host(name));
            scope.domains.iter().for_each(|domain| redactor.learn_domain(&domain.name));
            scope.hosts.iter().for_each(|host| redactor.learn_host(&host.host));
            scope.time_sources.iter().for_each(|source| redactor.learn_host(source));
            for value in scope.client_settings.iter().flatten().flat_map(|key| &key.values) {
                if value.name.to_ascii_lowercase().ends_with("domain") {
                    redactor.learn_domain(&value.data);
                } else if value.data.parse::<u32>().is_err() {
                    redactor.learn_host(&value.data);
                }
            }
        }
        Record::Dns(question) if question.record_type == "SRV" => redactor.learn_domain(&question.name),
        Record::Dns(question) => redactor.learn_host(&question.name),
        Record::Endpoint(probe) => {
            for reason in &probe.reasons {
                if let ProbeReason::Advertised { domain } = reason {
                    redactor.learn_domain(domain);
                }
            }
            redactor.learn_host(&probe.endpoint.host);
        }
        Record::Time(question) => redactor.learn_host(&question.source),
        Record::SystemLookup(lookup) => redactor.learn_host(&lookup.name),
    }
}

pub(super) fn rewrite(transcript: &mut Transcript, redactor: &mut Redactor) {
    match &mut transcript.record {
        Record::Scope(scope) => rewrite_scope(scope, redactor),
        Record::Dns(question) => {
            socket(&mut question.server, redactor);
            name(&mut question.name, redactor);
            for exchange in question.exchanges.iter_mut().chain(&mut question.unchecked) {
                exchange.sent.0 = message(&exchange.sent.0, redactor);
                outcome(&mut exchange.outcome, redactor, message);
            }
        }
        Record::Endpoint(probe) => endpoint(probe, redactor),
        Record::SystemLookup(lookup) => {
            name(&mut lookup.name, redactor);
            match &mut lookup.outcome {
                LookupOutcome::Found { addresses } => {
                    for address in addresses {
                        *address = redactor.address(*address);
                    }
                }
                LookupOutcome::Failed { text, .. } => *text = redactor.text(text, Form::Evidence),
                LookupOutcome::TimedOut => {}
            }
        }
        Record::Time(question) => {
            name(&mut question.source, redactor);
            question.address.iter_mut().for_each(|address| socket(address, redactor));
            if let Some(exchange) = &mut question.exchange {
                outcome(&mut exchange.outcome, redactor, time);
            }
        }
    }
}

fn rewrite_scope(scope: &mut Scope, redactor: &mut Redactor) {
    scope.machine.iter_mut().for_each(|machine| name(machine, redactor));
    scope.domains.iter_mut().for_each(|domain| name(&mut domain.name, redactor));
    scope.hosts.iter_mut().for_each(|host| name(&mut host.host, redactor));
    scope.resolvers.iter_mut().for_each(|resolver| socket(resolver, redactor));
    scope.time_sources.iter_mut().for_each(|source| name(source, redactor));
    let values = scope.client_settings.iter_mut().flatten().flat_map(|key| &mut key.values);
    values.for_each(|value| name(&mut value.data, redactor));
}

fn endpoint(probe: &mut EndpointProbe, redactor: &mut Redactor) {
    name(&mut probe.endpoint.host, redactor);
    for reason in &mut probe.reasons {
        if let ProbeReason::Advertised { domain } = reason {
            name(domain, redactor);
        }
    }
    for address in &mut probe.client_addresses {
        *address = redactor.address(*address);
    }
    for ConnectionAttempt { address, connect, bind, trace, control, .. } in &mut probe.attempts {
        socket(address, redactor);
        for hop in trace.iter_mut().flat_map(|trace| &mut trace.hops) {
            if let HopAnswer::Icmp { from, .. } = &mut hop.answer {
                *from = redactor.address(*from);
            }
        }
        if let Some(control) = control {
            sign(control, redactor);
        }
        outcome(connect, redactor, |_, _| Vec::new());
        if let Some(Exchange { outcome: bound, .. }) = bind {
            outcome(bound, redactor, answer);
        }
    }
    probe.signs_of_life.iter_mut().for_each(|asked| sign(asked, redactor));
}

fn sign(sign: &mut SignOfLife, redactor: &mut Redactor) {
    sign.address = redactor.address(sign.address);
    // That something came is what counts.
    outcome(&mut sign.outcome, redactor, |data, _| vec![0; data.len()]);
}

/// Names in DNS are in lower case.
fn name(text: &mut String, redactor: &mut Redactor) {
    *text = redactor.text(text, Form::Evidence).to_lowercase();
}

fn socket(address: &mut SocketAddr, redactor: &mut Redactor) {
    address.set_ip(redactor.address(address.ip()));
}

fn outcome(outcome: &mut Outcome, redactor: &mut Redactor, rewritten: fn(&[u8], &mut Redactor) -> Vec<u8>) {
    match outcome {
        Outcome::Received { data } | Outcome::Closed { data } => *data = Hex(rewritten(&data.0, redactor)),
        Outcome::Failed { text, .. } => *text = redactor.text(text, Form::Evidence),
        Outcome::Connected
        | Outcome::TimedOut
        | Outcome::KeptBack
        | Outcome::Refused
        | Outcome::Reset
        | Outcome::Unreachable { .. } => {}
    }
}

fn message(bytes: &[u8], redactor: &mut Redactor) -> Vec<u8> {
    let redactor = std::cell::RefCell::new(redactor);
    dns::rewrite(
        bytes,
        &mut |name| redactor.borrow_mut().text(name, Form::Evidence).to_lowercase(),
        &mut |address: IpAddr| redactor.borrow_mut().address(address),
    )
}

fn time(bytes: &[u8], _: &mut Redactor) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.get(1).is_some_and(|stratum| *stratum > 0)
        && let Some(source) = bytes.get_mut(NTP_SOURCE)
    {
        source.fill(0);
    }
    bytes
}

/// What answered the bind. An answer of RPC has no names; of something else what tells its kind is left.
fn answer(bytes: &[u8], redactor: &mut Redactor) -> Vec<u8> {
    let reply = rpc::decode_reply(bytes);
    if !matches!(reply, rpc::Reply::Foreign { .. } | rpc::Reply::Incomplete) {
        return bytes.to_vec();
    }
    let text = std::str::from_utf8(bytes).ok().map(|text| {
        redactor.learn_text(text);
        redactor.text(text, Form::Evidence).into_bytes()
    });
    let mut blank = bytes.to_vec();
    blank.iter_mut().skip(HEAD_BYTES).for_each(|byte| *byte = 0);
    let same = |candidate: &Vec<u8>| rpc::decode_reply(candidate) == reply;
    text.filter(same).or(Some(blank).filter(same)).unwrap_or_else(|| bytes.iter().take(HEAD_BYTES).copied().collect())
}
