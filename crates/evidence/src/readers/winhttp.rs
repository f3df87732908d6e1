//! `netsh winhttp show proxy`, in any language: below a title with `WinHTTP` stands a field with the proxy, or a
//! sentence that says that there is none.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::console;
use crate::document::Document;
use crate::sink::Sink;

/// Blank lines between title and answer.
const BLANK_LINES_MAX: usize = 3;

/// Puts the proxy into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    for (index, line) in document.lines.iter().enumerate() {
        if !is_title(line.text.trim()) {
            continue;
        }
        let mut below = document.lines.iter().enumerate().skip(index + 1).take(BLANK_LINES_MAX);
        let Some((at, answer)) = below.find(|(_, line)| !line.text.trim().is_empty()) else { continue };
        let text = answer.text.trim();
        match console::labelled(text) {
            Some((_, proxy)) if is_proxy(proxy) => {
                sink.present(&machine, Key::MachineHttpProxy, Value::Text(proxy.to_owned()), index..=at);
            }
            // "Direct access (no proxy server)."
            None if text.contains(['(', '（']) => sink.absent(&machine, Key::MachineHttpProxy, index..=at),
            _ => {}
        }
    }
}

/// `Current WinHTTP proxy settings:`, and its translations.
fn is_title(text: &str) -> bool {
    let proxy = ["proxy", "プロキシ", "代理", "프록시"].iter().any(|word| text.to_lowercase().contains(word));
    text.contains("WinHTTP") && text.ends_with([':', '：']) && proxy
}

/// `proxy.contoso.com:8080`, `http=proxy1:80;https=proxy2:80`.
fn is_proxy(text: &str) -> bool {
    let host = |item: &str| {
        let item = item.rsplit_once('=').map_or(item, |(_, item)| item);
        let item = item.rsplit_once("//").map_or(item, |(_, item)| item);
        super::pattern::host_and_port(item).is_some()
    };
    !text.is_empty() && text.split([';', ' ']).filter(|item| !item.is_empty()).all(host)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    #[test]
    fn direct_access() {
        for (title, answer) in [
            ("Current WinHTTP proxy settings:", "Direct access (no proxy server)."),
            ("現在の WinHTTP プロキシ設定:", "直接アクセス (プロキシ サーバーなし)。"),
            ("Aktuelle WinHTTP-Proxyeinstellungen:", "Direktzugriff (kein Proxyserver)."),
        ] {
            check(
                &format!("C:\\>netsh winhttp show proxy\n\n{title}\n\n    {answer}\n"),
                "machine machine.http-proxy absent @3",
            );
        }
    }

    #[test]
    fn a_proxy() {
        for (title, label) in [
            ("Current WinHTTP proxy settings:", "Proxy Server(s) :"),
            ("現在の WinHTTP プロキシ設定:", "プロキシ サーバー:"),
            ("Aktuelle WinHTTP-Proxyeinstellungen:", "Proxyserver(n):"),
        ] {
            check(
                &format!("{title}\n\n    {label}  proxy.contoso.com:8080\n    Bypass List     :  *.contoso.com\n"),
                "machine machine.http-proxy = proxy.contoso.com:8080 @1",
            );
        }
    }

    #[test]
    fn prose_says_nothing() {
        check("The WinHTTP proxy is as follows:\n\nask Mia", "");
        check("The WinHTTP proxy: none (I think)", "");
        check("Current WinHTTP proxy settings:\n\n    Proxy Server(s) :  <proxy>\n", "");
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec("(WinHTTP proxy:|  x: )?\\PC{0,12}\\(?", 0..12)) {
            testing::facts(read, lines.join("\n").as_bytes());
        }
    }
}
