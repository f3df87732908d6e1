//! Headers of events as text: Event Viewer, `wevtutil /f:text`, `Get-WinEvent | Format-List`, `Get-EventLog`.

use std::ops::Range;

use jiff::Timestamp;
use kmsdoctor_core::code::narrow;

use super::source::Source;
use crate::document::Line;
use crate::readers::console::{is_host_name, labelled};

/// Lines of a header looked at on each side of the event's ID.
const HEADER_LINES_MAX: usize = 20;
/// Lines of a message looked at: event 1003 of a machine with Office has some hundred.
const BODY_LINES_MAX: usize = 200;
/// Longest label, in characters.
const LABEL_CHARS_MAX: usize = 40;

/// What a line of a header is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
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
    pub(crate) source: Source,
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
    let mut header = Header { lines: start..end, ..Header::default() };
    for index in start..end {
        let Some((_, value)) = labelled(&lines[index].text) else { continue };
        if let Some(label) = labels[index] {
            header.take(label, value, index);
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

impl Header {
    /// Takes over what the value of a label in this line says.
    pub(super) fn take(&mut self, label: Label, value: &str, line: usize) {
        match label {
            Label::Id => self.id = id_of(value).unwrap_or(0),
            Label::Source => self.source = Source::of(value),
            Label::Date => {
                value.clone_into(&mut self.date);
                self.time = self.date.parse().ok();
            }
            Label::RecordNumber => self.number = value.parse().ok(),
            Label::Computer if is_host_name(value) => self.computer = Some((value.to_owned(), line)),
            Label::Computer | Label::Message | Label::Other => {}
        }
    }
}

/// First line of an event by `wevtutil /f:text`, or the label that Event Viewer puts first.
fn starts_event(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("Event[")
        || labelled(text).is_some_and(|(label, _)| {
            let label = label.to_lowercase().replace(' ', "");
            matches!(
                label.as_str(),
                "logname" | "ログの名前" | "ログ名" | "protokollname" | "日志名称" | "로그이름" | "nomdujournal"
            )
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
    let label = label_named(label)?;
    // Prose has these words, too.
    (label != Label::Id || id_of(value).is_some()).then_some(label)
}

/// What a label or the head of a column is about: names of Event Viewer in six languages, of properties in any.
pub(super) fn label_named(label: &str) -> Option<Label> {
    let label: String = label
        .chars()
        .map(narrow)
        .filter(|character| !character.is_whitespace())
        .map(|character| if character == '’' { '\'' } else { character })
        .collect();
    Some(match label.to_lowercase().as_str() {
        "eventid" | "id" | "イベントid" | "ereignis-id" | "instanceid" | "事件id" | "이벤트id" | "iddel'événement" => {
            Label::Id
        }
        "source" | "providername" | "ソース" | "プロバイダー名" | "quelle" | "来源" | "원본" => {
            Label::Source
        }
        "date" | "timecreated" | "timegenerated" | "dateandtime" | "日付" | "日時" | "日付と時刻" | "datum"
        | "datumunduhrzeit" | "日期" | "日期和时间" | "날짜" | "날짜및시간" | "dateetheure" => {
            Label::Date
        }
        "computer" | "machinename" | "コンピューター" | "コンピュータ" | "计算机" | "컴퓨터" | "ordinateur" => {
            Label::Computer
        }
        "recordid" | "eventrecordid" | "index" => Label::RecordNumber,
        "message" | "description" | "メッセージ" | "説明" | "beschreibung" | "描述" | "说明" | "설명" => {
            Label::Message
        }
        "logname"
        | "ログの名前"
        | "ログ名"
        | "protokollname"
        | "日志名称"
        | "로그이름"
        | "nomdujournal"
        | "taskcategory"
        | "task"
        | "タスクのカテゴリ"
        | "タスクカテゴリ"
        | "aufgabenkategorie"
        | "任务类别"
        | "작업범주"
        | "catégoriedelatâche"
        | "level"
        | "レベル"
        | "ebene"
        | "级别"
        | "수준"
        | "niveau"
        | "keywords"
        | "キーワード"
        | "schlüsselwörter"
        | "关键字"
        | "키워드"
        | "motsclés"
        | "user"
        | "ユーザー"
        | "benutzer"
        | "用户"
        | "사용자"
        | "utilisateur"
        | "username"
        | "opcode"
        | "オペコード"
        | "操作代码"
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
        | "container"
        | "replacementstrings" => Label::Other,
        _ => return None,
    })
}

/// The ID without the bits of severity and facility that `InstanceId` has.
fn id_of(value: &str) -> Option<u32> {
    let number: u32 = value.trim().trim_end_matches(',').parse().ok()?;
    Some(number & 0xffff)
}
