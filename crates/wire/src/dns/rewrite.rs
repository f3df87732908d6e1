//! Messages with other names and addresses, for evidence that leaves its owner.

use std::net::IpAddr;

use hickory_proto::op::{Header, Message, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::{HEADER_BYTES, parse_name, plain};

/// The message with `name` put for each name and `address` for each address.
///
/// What [`super::Query`] and [`super::Response`] read of it stays: header, question and answers. What they do not look
/// at, such as other sections and options, may tell names and is left out. Of what is no message the header is left.
pub fn rewrite(
    message: &[u8],
    name: &mut dyn FnMut(&str) -> String,
    address: &mut dyn FnMut(IpAddr) -> IpAddr,
) -> Vec<u8> {
    let rewritten = read(message).and_then(|mut message| {
        let mut renamed = |old: &Name| {
            if old.is_root() { Some(Name::root()) } else { parse_name(&name(&plain(old))).ok() }
        };
        for query in &mut message.queries {
            query.name = renamed(&query.name)?;
        }
        let answers = std::mem::take(&mut message.answers);
        message.answers = answers.into_iter().filter_map(|answer| record(answer, &mut renamed, address)).collect();
        message.to_vec().ok()
    });
    rewritten.unwrap_or_else(|| message.get(..HEADER_BYTES).unwrap_or_default().to_vec())
}

/// Header, question and answers.
fn read(bytes: &[u8]) -> Option<Message> {
    let mut decoder = BinDecoder::new(bytes);
    let header = Header::read(&mut decoder).ok()?;
    let metadata = header.metadata;
    let mut message = Message::new(metadata.id, metadata.message_type, metadata.op_code);
    message.metadata = metadata;
    for _ in 0..header.counts.queries {
        message.queries.push(Query::read(&mut decoder).ok()?);
    }
    match Message::read_records(&mut decoder, header.counts.answers.into(), false, OpCode::Query) {
        Ok((answers, _, _)) => message.answers = answers,
        // Cut off within a record, as the message itself says.
        Err(_) if metadata.truncation => {}
        Err(_) => return None,
    }
    Some(message)
}

fn record(
    mut record: Record,
    renamed: &mut dyn FnMut(&Name) -> Option<Name>,
    address: &mut dyn FnMut(IpAddr) -> IpAddr,
) -> Option<Record> {
    record.name = renamed(&record.name)?;
    record.data = match record.data {
        RData::SRV(mut srv) => {
            srv.target = renamed(&srv.target)?;
            RData::SRV(srv)
        }
        RData::CNAME(target) => RData::CNAME(CNAME(renamed(&target.0)?)),
        RData::A(old) => match address(old.0.into()) {
            IpAddr::V4(new) => RData::A(A(new)),
            IpAddr::V6(_) => return None,
        },
        RData::AAAA(old) => match address(old.0.into()) {
            IpAddr::V6(new) => RData::AAAA(AAAA(new)),
            IpAddr::V4(_) => return None,
        },
        _ => return None,
    };
    Some(record)
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::MessageType;
    use hickory_proto::rr::rdata::{NS, SRV};

    use super::*;
    use crate::dns::{RecordType, Response};

    fn token(name: &str) -> String {
        name.replace("contoso.com", "domain-1").replace("kms1", "host-1")
    }

    fn rewritten(message: &[u8]) -> Vec<u8> {
        rewrite(message, &mut token, &mut |address| match address {
            IpAddr::V4(_) => IpAddr::from([198, 18, 0, 1]),
            IpAddr::V6(_) => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]),
        })
    }

    fn response() -> Message {
        let name = |text: &str| parse_name(text).unwrap();
        let mut message = Message::new(7, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(name("_vlmcs._tcp.contoso.com"), RecordType::Srv.hickory()));
        let srv = SRV::new(0, 10, 1689, name("kms1.contoso.com"));
        message.answers.push(Record::from_rdata(name("_vlmcs._tcp.contoso.com"), 60, RData::SRV(srv)));
        message.authorities.push(Record::from_rdata(name("contoso.com"), 60, RData::NS(NS(name("dc1.contoso.com")))));
        message
    }

    #[test]
    fn what_is_read_stays_and_names_go() {
        let query = crate::dns::Query::new(7, "_vlmcs._tcp.contoso.com", RecordType::Srv).unwrap();
        let query = rewritten(&query.encode().unwrap());
        let query = crate::dns::Query::decode(&query).unwrap();
        assert_eq!((query.id, query.name.as_str()), (7, "_vlmcs._tcp.domain-1"));
        let bytes = rewritten(&response().to_vec().unwrap());
        let response = Response::decode(&bytes).unwrap();
        assert!(response.is_answer_to(&query));
        assert_eq!((response.services[0].target.as_str(), response.services[0].port), ("host-1.domain-1", 1689));
        assert!(!String::from_utf8_lossy(&bytes).contains("contoso"));
    }

    #[test]
    fn aliases_and_addresses() {
        let name = |text: &str| parse_name(text).unwrap();
        let mut message = Message::new(7, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(name("kms.contoso.com"), RecordType::A.hickory()));
        let alias = RData::CNAME(CNAME(name("kms1.contoso.com")));
        message.answers.push(Record::from_rdata(name("kms.contoso.com"), 60, alias));
        message.answers.push(Record::from_rdata(name("kms1.contoso.com"), 60, RData::A(A::new(10, 20, 0, 5))));
        let response = Response::decode(&rewritten(&message.to_vec().unwrap())).unwrap();
        assert_eq!(response.aliases, ["host-1.domain-1"]);
        assert_eq!(response.addresses, [IpAddr::from([198, 18, 0, 1])]);
    }

    #[test]
    fn of_damaged_messages_the_header_is_left() {
        let whole = response().to_vec().unwrap();
        for end in 0..whole.len() {
            let cut = rewritten(&whole[..end]);
            assert!(!String::from_utf8_lossy(&cut).contains("contoso"), "{end}");
            let kind =
                |bytes: &[u8]| Response::decode(bytes).map_err(|error| std::mem::discriminant(&error)).map(|_| ());
            if end < HEADER_BYTES || kind(&whole[..end]).is_err() {
                assert!(Response::decode(&cut).is_err(), "{end}");
            }
        }
        // Cut off, and saying so.
        let mut truncated = response();
        truncated.metadata.truncation = true;
        let bytes = truncated.to_vec().unwrap();
        truncated.answers.clear();
        truncated.authorities.clear();
        let cut = rewritten(&bytes[..truncated.to_vec().unwrap().len() + 4]);
        assert!(Response::decode(&cut).is_ok_and(|response| response.truncated));
    }
}
