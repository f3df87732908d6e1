//! Headers of events as text: Event Viewer, `wevtutil /f:text`, `Get-WinEvent | Format-List`, `Get-EventLog`.

use std::ops::Range;

use jiff::Timestamp;
use kmsdoctor_core::code::narrow;

use crate::document::Line;
use crate::readers::console::{is_host_name, labelled};

/// Lines of a header looked at on each side of the event's ID.
const HEADER_LINES_MAX: usize = 20;
/// Lines of a message looked at: event 1003 of a machine with Office has more, and none of them matter.
const BODY_LINES_MAX: usize = 60;
/// Longest label, in characters.
const LABEL_CHARS_MAX: usize = 40;

/// What a line of a header is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Id,
    Source,
    Date,
    Computer,
    RecordNumber,
    Message,
    Other,
}

/// The header of one event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Header {
    pub(crate) id: u32,
    /// False if the source is known and does not belong to licensing: other sources use the same numbers.
    pub(crate) is_licensing: bool,
    /// Event time, where its zone is known.
    pub(crate) time: Option<Timestamp>,
    /// Date as it stands there: it tells events apart though its zone is not known.
    pub(crate) date: String,
    pub(crate) number: Option<u64>,
    /// Name of the computer, and its line.
    pub(crate) computer: Option<(String, usize)>,
    /// Lines of the header itself.
    pub(crate) lines: Range<usize>,
    /// Lines in which the message stands.
    pub(crate) body: Range<usize>,
}

/// Every header in the lines for which `is_free`.
pub(crate) fn headers(lines: &[Line], is_free: impl Fn(usize) -> bool) -> Vec<Header> {
    let labels: Vec<Option<Label>> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| if is_free(index) { label_of(&line.text) } else { None })
        .collect();
    let mut headers: Vec<Header> = Vec::new();
    let mut floor = 0;
    for index in 0..lines.len() {
        if labels[index] != Some(Label::Id) || index < floor {
            continue;
        }
        let header = header_at(lines, &labels, index, floor);
        floor = header.lines.end;
        headers.push(header);
    }
    for index in 0..headers.len() {
        let end = headers.get(index + 1).map_or(lines.len(), |next| next.lines.start);
        let header = &mut headers[index];
        if header.body.is_empty() {
            header.body = header.lines.end..end.min(header.lines.end + BODY_LINES_MAX);
        }
    }
    headers
}

fn header_at(lines: &[Line], labels: &[Option<Label>], id: usize, floor: usize) -> Header {
    let belongs = |index: usize| labels[index].is_some() || lines[index].text.trim().is_empty();
    let mut start = id;
    while start > floor
        && id - start < HEADER_LINES_MAX
        && belongs(start - 1)
        && labels[start - 1] != Some(Label::Message)
    {
        start -= 1;
    }
    let mut end = id + 1;
    while end < lines.len() && end - id < HEADER_LINES_MAX && belongs(end) && labels[end - 1] != Some(Label::Message) {
        // The next event's header follows directly where this one has no message.
        if labels[end] == Some(Label::Id) || starts_event(&lines[end].text) {
            break;
        }
        end += 1;
    }
    let mut header = Header { is_licensing: true, lines: start..end, ..Header::default() };
    for index in start..end {
        let Some((_, value)) = labelled(&lines[index].text) else { continue };
        match labels[index] {
            Some(Label::Id) => header.id = id_of(value).unwrap_or(0),
            Some(Label::Source) => header.is_licensing = is_licensing(value),
            Some(Label::Date) => {
                value.clone_into(&mut header.date);
                header.time = header.date.parse().ok();
            }
            Some(Label::RecordNumber) => header.number = value.parse().ok(),
            Some(Label::Computer) if is_host_name(value) => header.computer = Some((value.to_owned(), index)),
            _ => {}
        }
    }
    // `Format-List *` puts the message in front.
    if !labels[start..end].contains(&Some(Label::Message)) {
        let above = (floor..start).rev().take(BODY_LINES_MAX).find(|index| labels[*index] == Some(Label::Message));
        if let Some(above) = above {
            header.body = above..start;
            header.lines.start = above;
        }
    } else if labels[end - 1] == Some(Label::Message) {
        // The message may begin beside its label.
        header.lines.end = end - 1;
    }
    header
}

/// True for sources of the licensing services, and for what is no readable name at all.
pub(crate) fn is_licensing(source: &str) -> bool {
    let source = source.to_lowercase();
    source.is_empty()
        || ["spp", "licensing", "software protection", "kmsrequests", "key management", "ソフトウェア保護", "キー管理"]
            .iter()
            .any(|name| source.contains(name))
}

/// First line of an event by `wevtutil /f:text`, or the label that Event Viewer puts first.
fn starts_event(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("Event[")
        || labelled(text).is_some_and(|(label, _)| {
            let label = label.to_lowercase().replace(' ', "");
            matches!(label.as_str(), "logname" | "ログの名前" | "ログ名" | "protokollname")
        })
}

fn label_of(text: &str) -> Option<Label> {
    let text = text.trim();
    if text.starts_with("Event[") {
        return Some(Label::Other);
    }
    let (label, value) = labelled(text)?;
    if label.len() > LABEL_CHARS_MAX * 3 {
        return None;
    }
    let label: String = label.chars().map(narrow).filter(|character| !character.is_whitespace()).collect();
    Some(match label.to_lowercase().as_str() {
        "eventid" | "id" | "イベントid" | "ereignis-id" | "instanceid" => {
            id_of(value)?;
            Label::Id
        }
        "source" | "providername" | "ソース" | "プロバイダー名" | "quelle" => Label::Source,
        "date" | "timecreated" | "timegenerated" | "dateandtime" | "日付" | "日時" | "datum" => Label::Date,
        "computer" | "machinename" | "コンピューター" | "コンピュータ" => Label::Computer,
        "recordid" | "eventrecordid" | "index" => Label::RecordNumber,
        "message" | "description" | "メッセージ" | "説明" | "beschreibung" => Label::Message,
        "logname"
        | "ログの名前"
        | "ログ名"
        | "protokollname"
        | "taskcategory"
        | "task"
        | "タスクのカテゴリ"
        | "タスクカテゴリ"
        | "aufgabenkategorie"
        | "level"
        | "レベル"
        | "ebene"
        | "keywords"
        | "キーワード"
        | "schlüsselwörter"
        | "user"
        | "ユーザー"
        | "benutzer"
        | "username"
        | "opcode"
        | "オペコード"
        | "version"
        | "qualifiers"
        | "providerid"
        | "processid"
        | "threadid"
        | "userid"
        | "activityid"
        | "relatedactivityid"
        | "containerlog"
        | "matchedqueryids"
        | "bookmark"
        | "leveldisplayname"
        | "opcodedisplayname"
        | "taskdisplayname"
        | "keywordsdisplaynames"
        | "properties"
        | "entrytype"
        | "category"
        | "categorynumber"
        | "data"
        | "timewritten"
        | "site"
        | "container" => Label::Other,
        _ => return None,
    })
}

/// The ID without the bits of severity and facility that `InstanceId` has.
fn id_of(value: &str) -> Option<u32> {
    let number: u32 = value.trim().trim_end_matches(',').parse().ok()?;
    Some(number & 0xffff)
}
