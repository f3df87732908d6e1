//! Default gateways of a live run.

use kmsdoctor_core::fact::{Key, State, Subject, Value, Why};
use kmsdoctor_wire::transcript::{Gateway, Outcome};

use super::endpoint::quote_of_sign;
use crate::sink::Sink;

/// Facts of one gateway. One that answers nothing may only keep silent to echo requests; without a hardware address it is not
/// there for this machine.
pub(super) fn read(gateway: &Gateway, sink: &mut Sink<'_>) {
    let answers = match &gateway.echo {
        Some(echo) => matches!(echo.outcome, Outcome::Received { .. } | Outcome::Refused),
        None => false,
    };
    let state = match (answers, gateway.is_neighbour) {
        (true, _) | (false, Some(true)) => State::Present(Value::Word("reachable")),
        (false, Some(false)) => State::Present(Value::Word("unreachable")),
        (false, None) => State::Unknown(Why::NoAnswer),
    };
    let echo = gateway.echo.as_ref().map(quote_of_sign);
    let neighbour = gateway.is_neighbour.map(|is_known| if is_known { "known" } else { "not known" });
    let parts = [echo, neighbour.map(|known| format!("hardware address {known}"))];
    let said = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    sink.exchange(&Subject::machine(), Key::MachineGateway, state, &format!("gateway {}: {said}", gateway.address));
}
