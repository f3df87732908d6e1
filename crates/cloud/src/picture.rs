//! A path as a picture: the stations from machine to KMS, drawn downwards for a terminal and as SVG, with the broken edge
//! marked by form and words, not by colour alone.
//!
//! Texts are given, so that every language works. Downwards, because names are long and screens are narrow, and because columns
//! that stand side by side fall apart where a terminal draws signs of ambiguous width over two cells.

use std::fmt::Write as _;

use kmsdoctor_core::printable::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a station does to the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// They go on.
    Passes,
    /// They end here.
    Blocks,
    /// It is not known.
    Unknown,
}

/// One station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// What it is, in a line.
    pub title: String,
    /// What it does, and why.
    pub lines: Vec<String>,
    /// `None` for the ends, which do nothing.
    pub mark: Option<Mark>,
}

/// Words of marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Of [`Mark::Passes`].
    pub passes: String,
    /// Of [`Mark::Blocks`].
    pub blocks: String,
    /// Of [`Mark::Unknown`].
    pub unknown: String,
    /// At the first broken edge.
    pub stops: String,
    /// At the others: would the packets get there, they would end there, too.
    pub stops_too: String,
}

/// A path to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whose path and where to: read out first where the picture cannot be seen.
    pub title: String,
    /// What becomes of the packets, in a sentence.
    pub description: String,
    /// From the machine to KMS.
    pub stations: Vec<Station>,
    /// Words of marks.
    pub labels: Labels,
}

/// A line of the picture in a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The mark of the station that begins here.
    pub mark: Option<Mark>,
    /// The line, with what fakes output replaced.
    pub text: String,
}

/// Columns of a terminal that `text` takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// `text` in lines of at most `limit` columns, broken at blanks, between letters of scripts without blanks, and within what is
/// longer than a line. Closing signs stay with what they close.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && columns(&line) + columns(piece.trim_end()) > limit {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        if columns(piece.trim_end()) <= limit {
            line.push_str(piece);
            continue;
        }
        for character in piece.chars() {
            if columns(&line) + character.width().unwrap_or(0) > limit {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// What is not broken: words with the blanks behind them, wide characters one by one.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        let is_wide = |character: char| character.width() == Some(2);
        let closes = "、。，．）」』】〉！？…)]".contains(character);
        let opens = before.is_some_and(|before| "（「『【〈([".contains(before));
        let breaks = before.is_some_and(|before| {
            (before == ' ' && character != ' ') || is_wide(character) || (is_wide(before) && character != ' ')
        });
        if breaks && !closes && !opens {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(character);
    }
    pieces.push(&text[start..]);
    pieces
}

impl Picture {
    /// The picture for a terminal, in lines of at most `limit` columns.
    pub fn rows(&self, limit: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut edge = '│';
        let mut stops = &self.labels.stops;
        for (index, station) in self.stations.iter().enumerate() {
            let (sign, word) = self.sign(station.mark);
            let title = match word {
                Some(word) => format!("{}  [{word}]", printable(&station.title)),
                None => printable(&station.title),
            };
            let mut titles = wrap(&title, limit.saturating_sub(2)).into_iter();
            let first = titles.next().unwrap_or_default();
            rows.push(Row { mark: station.mark, text: format!("{sign} {first}") });
            if !matches!(station.mark, None | Some(Mark::Passes)) {
                edge = '┊';
            }
            let is_last = index + 1 == self.stations.len();
            let bar = if is_last { ' ' } else { edge };
            let mut put = |text: String| rows.push(Row { mark: None, text: text.trim_end().to_owned() });
            titles.for_each(|line| put(format!("{bar} {line}")));
            for line in &station.lines {
                for line in wrap(&printable(line), limit.saturating_sub(4)) {
                    put(format!("{bar}   {line}"));
                }
            }
            if !is_last {
                put(edge.to_string());
                if station.mark == Some(Mark::Blocks) {
                    put(format!("╳ {stops}"));
                    stops = &self.labels.stops_too;
                    put(edge.to_string());
                }
            }
        }
        rows
    }

    fn sign(&self, mark: Option<Mark>) -> (char, Option<&str>) {
        match mark {
            None => ('●', None),
            Some(Mark::Passes) => ('○', Some(&self.labels.passes)),
            Some(Mark::Blocks) => ('×', Some(&self.labels.blocks)),
            Some(Mark::Unknown) => ('?', Some(&self.labels.unknown)),
        }
    }
}

/// Width of the SVG, in its own units: that of a narrow screen with margins.
const WIDTH: usize = 336;
/// Columns of text in a box: Latin letters of 13 units take 7 of them at most on the average.
const TEXT_COLUMNS: usize = 40;
const LINE_HEIGHT: usize = 18;
const PADDING: usize = 8;
const EDGE_HEIGHT: usize = 30;
/// Edges are drawn on the left, so that a sentence fits beside them.
const EDGE_X: usize = 40;
/// Fit for light and dark grounds alike.
const RED: &str = "#d33";

impl Picture {
    /// The picture as an SVG element without scripts, styles and outer resources; `id` has to be unique in its page and plain.
    pub fn svg(&self, id: &str) -> String {
        let boxes: Vec<Vec<String>> = self.stations.iter().map(|station| self.box_lines(station)).collect();
        let heights: Vec<usize> = boxes.iter().map(|lines| lines.len() * LINE_HEIGHT + 2 * PADDING).collect();
        let edges = self.stations.len().saturating_sub(1) * EDGE_HEIGHT;
        let height = heights.iter().sum::<usize>() + edges + 2;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"none\" stroke=\"currentColor\">"
        );
        let _ = write!(svg, "<title id=\"{id}-title\">{}</title>", escape(&self.title));
        let _ = write!(svg, "<desc id=\"{id}-desc\">{}</desc>", escape(&self.description));
        let mut top = 1;
        let mut is_open = true;
        let mut stops = &self.labels.stops;
        for (index, station) in self.stations.iter().enumerate() {
            draw_box(&mut svg, top, heights[index], station.mark, &boxes[index]);
            top += heights[index];
            is_open &= matches!(station.mark, None | Some(Mark::Passes));
            if index + 1 < self.stations.len() {
                let is_broken = station.mark == Some(Mark::Blocks);
                draw_edge(&mut svg, top, is_open, is_broken.then_some(stops.as_str()));
                if is_broken {
                    stops = &self.labels.stops_too;
                }
                top += EDGE_HEIGHT;
            }
        }
        svg.push_str("</svg>");
        svg
    }

    fn box_lines(&self, station: &Station) -> Vec<String> {
        let title = match self.sign(station.mark) {
            (sign, Some(word)) => format!("{sign} {} [{word}]", station.title),
            (_, None) => station.title.clone(),
        };
        let lines = [&title].into_iter().chain(&station.lines);
        lines.flat_map(|line| wrap(&printable(line), TEXT_COLUMNS)).collect()
    }
}

/// The edge below a station; `broken` is what stands at it where the packets end.
fn draw_edge(svg: &mut String, top: usize, is_open: bool, broken: Option<&str>) {
    let end = top + EDGE_HEIGHT;
    let dashes = if is_open { "" } else { " stroke-dasharray=\"2 4\"" };
    let _ = write!(svg, "<path d=\"M{EDGE_X} {top}V{end}m-5 -7l5 7l5 -7\"{dashes}/>");
    if let Some(broken) = broken {
        let (x, y) = (EDGE_X - 8, top + EDGE_HEIGHT / 2);
        let cross = format!("M{x} {}l16 16m0 -16l-16 16", y - 8);
        let _ = write!(svg, "<path d=\"{cross}\" stroke=\"{RED}\" stroke-width=\"4\"/>");
        write_text(svg, EDGE_X + 20, y + 5, broken, true);
    }
}

fn draw_box(svg: &mut String, top: usize, height: usize, mark: Option<Mark>, lines: &[String]) {
    let frame = match mark {
        None => " stroke-width=\"2\"".to_owned(),
        Some(Mark::Passes) => String::new(),
        Some(Mark::Blocks) => format!(" stroke=\"{RED}\" stroke-width=\"3\""),
        Some(Mark::Unknown) => " stroke-dasharray=\"6 4\"".to_owned(),
    };
    let width = WIDTH - 4;
    let _ = write!(svg, "<rect x=\"2\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"{frame}/>");
    for (index, line) in lines.iter().enumerate() {
        write_text(svg, 12, top + PADDING + LINE_HEIGHT * index + 13, line, index == 0);
    }
}

fn write_text(svg: &mut String, x: usize, y: usize, text: &str, is_bold: bool) {
    let weight = if is_bold { " font-weight=\"bold\"" } else { "" };
    let _ =
        write!(svg, "<text x=\"{x}\" y=\"{y}\" fill=\"currentColor\" stroke=\"none\"{weight}>{}</text>", escape(text));
}

/// `text` as content of an element: no markup, no characters that XML does not have.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(names: &[(&str, Option<Mark>)]) -> Picture {
        let station = |(title, mark): &(&str, Option<Mark>)| Station {
            title: (*title).to_owned(),
            lines: vec!["0.0.0.0/0 → VirtualNetworkGateway".to_owned()],
            mark: *mark,
        };
        Picture {
            title: "web1 → KMS".to_owned(),
            description: "遮断".to_owned(),
            stations: names.iter().map(station).collect(),
            labels: Labels {
                passes: "通過".to_owned(),
                blocks: "遮断".to_owned(),
                unknown: "不明".to_owned(),
                stops: "ここで止まる".to_owned(),
                stops_too: "ここでも止まる".to_owned(),
            },
        }
    }

    #[test]
    fn the_broken_edge_is_marked() {
        let picture = picture(&[
            ("web1", None),
            ("サブネットの規則 nsg-web", Some(Mark::Passes)),
            ("ルート rt-web", Some(Mark::Blocks)),
            ("KMS", None),
        ]);
        let rows = picture.rows(80);
        let text: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(
            text,
            [
                "● web1",
                "│   0.0.0.0/0 → VirtualNetworkGateway",
                "│",
                "○ サブネットの規則 nsg-web  [通過]",
                "│   0.0.0.0/0 → VirtualNetworkGateway",
                "│",
                "× ルート rt-web  [遮断]",
                "┊   0.0.0.0/0 → VirtualNetworkGateway",
                "┊",
                "╳ ここで止まる",
                "┊",
                "● KMS",
                "    0.0.0.0/0 → VirtualNetworkGateway",
            ]
        );
        let svg = picture.svg("p1");
        assert_eq!(svg.matches(">ここで止まる</text>").count(), 1);
        assert!(svg.contains("<title id=\"p1-title\">web1 → KMS</title>"), "{svg}");
    }

    #[test]
    fn hostile_names_stay_text() {
        let svg = picture(&[("<script>alert(1)</script>\"'&\u{1b}[2J\u{202e}", Some(Mark::Unknown))]).svg("p1");
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}') && !svg.contains('\u{202e}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;alert(1)"), "{svg}");
        for outer in ["href", "style", "url("] {
            assert!(!svg.contains(outer), "{outer} in {svg}");
        }
    }

    #[test]
    fn lines_break_where_a_reader_expects_it() {
        assert_eq!(wrap("the route leads to a gateway", 12), ["the route", "leads to a", "gateway"]);
        assert_eq!(wrap("要求はオンプレミスから出ます。", 28), ["要求はオンプレミスから出ま", "す。"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-z あ-ん、。()→ｱ]{0,200}", limit in 8_usize..90) {
            let lines = wrap(&text, limit);
            for line in &lines {
                prop_assert!(columns(line) <= limit, "{line}");
            }
            let letters = |text: &str| text.chars().filter(|character| *character != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn pictures_are_well_formed(titles in prop::collection::vec(".{0,60}", 1..6), limit in 10_usize..100) {
            let marks = [None, Some(Mark::Passes), Some(Mark::Blocks), Some(Mark::Unknown)];
            let named: Vec<(&str, Option<Mark>)> =
                titles.iter().enumerate().map(|(index, title)| (title.as_str(), marks[index % 4])).collect();
            let picture = picture(&named);
            let rows = picture.rows(limit);
            prop_assert!(rows.iter().all(|row| columns(&row.text) <= limit.max(14)));
            let svg = picture.svg("p1");
            for element in ["svg", "title", "desc", "text"] {
                prop_assert_eq!(svg.matches(&format!("<{element}")).count(), svg.matches(&format!("</{element}>")).count());
            }
        }
    }
}
