use html5gum::Span;
use kmsdoctor_core::artifact::Artifact;
use proptest::prelude::*;

use super::writer::Writer;
use crate::document::{Document, LINES_MAX, Line};

/// `number:text` of every line.
fn lines(input: &[u8]) -> Vec<String> {
    let artifact = Artifact::new("test", input.to_vec(), None);
    let Ok(document) = Document::decode(&artifact) else { return Vec::new() };
    let mut before = 0;
    for line in &document.lines {
        assert!(line.span.start <= line.span.end && line.span.end <= input.len(), "{line:?}");
        assert!(before <= line.number, "{line:?}");
        before = line.number;
    }
    document.lines.iter().map(|line| format!("{}:{}", line.number, line.text)).collect()
}

fn check(input: &str, expect: &[&str]) {
    assert_eq!(lines(input.strip_prefix('\n').unwrap_or(input).as_bytes()), expect, "{input}");
}

/// That the text is taken as it stands there.
fn check_plain(input: &str) {
    let expect: Vec<String> = (1..).zip(input.lines()).map(|(number, line)| format!("{number}:{line}")).collect();
    assert_eq!(lines(input.as_bytes()), expect, "{input}");
}

#[test]
fn blocks_and_breaks() {
    check(
        "
<html><head><title>Ticket 7</title><style>p { color: red }</style>
<script>if (a < b) { document.write(\"<p>no</p></html>\"); }</script></head>
<body><!-- nobody <p>sees</p> this -->
<p class=MsoNormal>The   licence
is <b>no</b>t valid.<br>0xC004F074</p>
<p>&nbsp;</p><div>A &lt;host&gt; &amp; B&#12290;<br></div><div><br></div>
<ul><li>one<li>two</ul></body></html>",
        &[
            "1:Ticket 7",
            "4:The licence is not valid.",
            "5:0xC004F074",
            "6:",
            "6:A <host> & B。",
            "7:",
            "7:one",
            "7:two",
        ],
    );
}

#[test]
fn kept_lines() {
    check(
        "
<!DOCTYPE html>
<body>Output:<pre>C:\\>slmgr /dlv
  Name: <span style=\"x\">Windows(R)</span>

Status: Licensed</pre>Thanks
</body>",
        &["2:Output:", "2:C:\\>slmgr /dlv", "3:  Name: Windows(R)", "5:", "5:Status: Licensed", "5:Thanks"],
    );
    check(
        "<div>C:\\&gt;reg&nbsp;query<br>&nbsp;&nbsp;Start&nbsp; REG_DWORD</div>",
        &["1:C:\\>reg query", "1:  Start  REG_DWORD"],
    );
}

#[test]
fn what_stands_behind_the_document() {
    check(
        "<html><p>report\nof today</html>\n\nC:\\>ver\n  Microsoft Windows\n",
        &["1:report of today", "4:", "4:", "4:C:\\>ver", "5:  Microsoft Windows"],
    );
}

#[test]
fn rows_of_tables() {
    check(
        "
<table><tr><td>Computer name</td><td>CONTOSO\\PC01</td></tr>
<tr><td><p>Domain:</p></td>
<td><p>contoso.com</p></td></tr>
<tr><td>Owner</td><td></td></tr><tr><td></td><td>alone</td></tr><tr><td></td></tr>
<tr><th>Policy<th>Setting<th>Winning GPO
<tr><td>Turn off</td><td>Enabled<table><tr><td>Port:</td><td>1688</td></tr></table></td></tr>
<tr><td>Several</td><td>one<br>two</td></tr></table>",
        &[
            "1:Computer name: CONTOSO\\PC01",
            "2:Domain: contoso.com",
            "4:Owner",
            "4:alone",
            "5:Policy  Setting  Winning GPO",
            "6:Turn off: Enabled",
            "6:Port: 1688",
            "7:Several: one",
            "7:two",
        ],
    );
}

#[test]
fn tables_of_objects() {
    check(
        "
<table><colgroup><col/></colgroup>
<tr><th>Name</th><th>LicenseStatus</th></tr>
<tr><td>Windows(R)</td><td>1</td></tr>
<tr><td>Office</td><td></td></tr></table>
<table><tr><td>a</td><td>b</td></tr></table>",
        &[
            "2:Name: LicenseStatus",
            "3:Name : Windows(R)",
            "3:LicenseStatus : 1",
            "3:",
            "4:Name : Office",
            "4:LicenseStatus : ",
            "4:",
            "5:a: b",
        ],
    );
}

#[test]
fn mails_and_answers_that_declare_html() {
    check(
        "From: mia\nContent-Type: text/html; charset=utf-8\n\n<html><p>a\nb</p></html>\n",
        &["1:From: mia", "2:Content-Type: text/html; charset=utf-8", "3:", "4:a b"],
    );
    check_plain("From: mia\nContent-Type: text/plain\n\n<html>");
    check_plain("curl said:\n<html><p>no\nway</p></html>\nC:\\>ver\n");
}

#[test]
fn other_markup_is_none() {
    for text in [
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\n<table>1</table></Event>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<Task version=\"1.4\">\n<head/></Task>",
        "<?xml version=\"1.0\"?>\n<table><tr/></table>",
        "<!-- <html> -->\n<Events>\n</Events>",
        "<name> is the host\n<table> is one",
        "Registered KMS machine name: <host>\n<html>",
        "<tables>\n<headings>",
        "<!DOCTYPE note SYSTEM \"x\">\n<note/>",
        "<!-- never closed <html>",
        "<",
    ] {
        check_plain(text);
    }
    check("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html><p>a", &["3:a"]);
    check("\u{feff}\n<HTML\n lang=ja>a", &["3:a"]);
}

#[test]
fn encodings() {
    let text = "<html><head><meta charset=utf-16></head>\r\n<table><tr><td>コンピューター名</td><td>CONTOSO\\PC01</td></tr></table>";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [&[0xff, 0xfe][..], &bytes].concat();
    assert_eq!(lines(&bytes), ["2:コンピューター名: CONTOSO\\PC01"]);
    let artifact = Artifact::new("test", bytes, None);
    let document = Document::decode(&artifact).unwrap();
    assert_eq!(document.encoding, "utf-16le");
    assert_eq!(document.lines[0].span.start, 2 + 2 * text.find("<table").unwrap());
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(text);
    assert_eq!(lines(&bytes), ["2:コンピューター名: CONTOSO\\PC01"]);
}

#[test]
fn markup_parts_no_product_key() {
    let groups = ["BCDF2", "GHJK3", "MPQR4", "TVWX6", "Y7N89"];
    let far = format!("</td><td style=\"{}\">", "x".repeat(200));
    for text in [
        format!("<html><p>{}", groups.join("<wbr>-")),
        format!("<html><table><tr><td>{}</table>", groups.join(&far)),
        format!("<html><p>{}", groups.concat().split("").collect::<Vec<_>>().join("<i></i>")),
    ] {
        let shown = lines(text.as_bytes()).join("\n");
        assert!(shown.contains(groups[4]), "{shown}");
        for group in &groups[..4] {
            assert!(!shown.contains(group), "{shown}");
        }
    }
}

#[test]
fn time_is_linear() {
    for piece in [
        "<",
        "<!",
        "<!--",
        "<a ",
        "<a b",
        "&",
        "&#",
        "&am",
        "<td>",
        "<table>",
        "<div>",
        "<pre>",
        "</pre>",
        "<p>x",
        "<tr><td>x",
        "<script>",
        "</",
        "<th>aB",
        "<![CDATA[",
        "<textarea>",
        "x\n",
        "<a b=\"",
        "<br>x",
        "\u{a0}",
    ] {
        lines(format!("<html>{}", piece.repeat(60_000 / piece.len())).as_bytes());
    }
}

#[test]
fn lines_are_limited() {
    let source = [Line { number: 1, span: 0..1, text: "x".to_owned() }];
    let mut writer = Writer::new(&source, vec![0]);
    for _ in 0..=LINES_MAX {
        writer.open(b"br");
    }
    writer.text(b"x", Span { start: 0, end: 1 });
    assert_eq!(writer.finish(), None);
}

proptest! {
    #[test]
    fn never_panics(text in "(<html>|<table>|<tr>|<td>|<th>|</td>|</tr>|<pre>|</pre>|<br>|<p>|</p>|<script>|</script>|<!--|-->|&nbsp;|&#10;|&|<|>|\n| |aB|\\PC){0,60}") {
        lines(format!("<html>{text}").as_bytes());
    }
}
