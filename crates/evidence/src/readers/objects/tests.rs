use proptest::prelude::*;

use super::*;
use kmsdoctor_core::artifact::Artifact;

/// `name{property=value@line …}` for every record.
fn rendered(input: &str) -> Vec<String> {
    let artifact = Artifact::new("", input.as_bytes().to_vec(), None);
    let Ok(document) = Document::decode(&artifact) else { return Vec::new() };
    let mut found = records(&document);
    found.extend(csv(&document, |names| names.iter().any(|name| name == "name")));
    for record in &found {
        assert!(*record.lines.end() < document.lines.len());
    }
    let property = |property: &Property| {
        format!("{}={}@{}", property.name, property.value.as_deref().unwrap_or("-"), property.lines.start() + 1)
    };
    found
        .iter()
        .map(|record| {
            let properties: Vec<String> = record.properties.iter().map(property).collect();
            format!("{}{{{}}}", record.name, properties.join(" "))
        })
        .collect()
}

fn check(input: &str, expect: &[&str]) {
    assert_eq!(rendered(input.strip_prefix('\n').unwrap_or(input)), expect, "{input}");
}

#[test]
fn lists_of_powershell() {
    check(
        "
PS C:\\> Get-CimInstance Thing | fl *

Name          : Windows(R), Professional
                edition
LicenseStatus : 1
Machine       :

Name          : Other

Name: no list of PowerShell
A sentence : with blanks around the colon",
        &["{name=Windows(R), Professional edition@3 licensestatus=1@5 machine=-@6}", "{name=Other@8}"],
    );
}

#[test]
fn a_value_that_the_console_cuts() {
    let list = format!("Name : {}\n       edition\nOther : x", "a".repeat(73));
    check(&list, &[&format!("{{name={}edition@1 other=x@3}}", "a".repeat(73))]);
}

#[test]
fn lists_of_wmic() {
    check(
        "Name=A\nStatus=1\nEmpty=\n\n\nName=B\nStatus=2",
        &["{name=A@1 status=1@2 empty=-@3}", "{name=B@6 status=2@7}"],
    );
    // Saved output has a blank line between properties.
    check("\n\nName=A\n\nStatus=1\n\n\n\n\nName=B\n", &["{name=A@2 status=1@4}", "{name=B@9}"]);
}

#[test]
fn tables() {
    check(
        "
Name                             LicenseStatus PartialProductKey
----                             ------------- -----------------
Windows(R), Professional edition             1 WXY23
Office 16, X edition                         5 WXY24

---- a line of dashes",
        &[
            "{name=Windows(R), Professional edition@3 licensestatus=1@3 partialproductkey=WXY23@3}",
            "{name=Office 16, X edition@4 licensestatus=5@4 partialproductkey=WXY24@4}",
        ],
    );
    check("Id Minutes\n-- -------\na   259200\n", &["{id=a@3 minutes=259200@3}"]);
}

#[test]
fn json() {
    check(
        "
PS C:\\> Get-Thing | ConvertTo-Json
[
    {
        \"Name\":  \"Windows(R), \\u0041 \\\"x\\\"\",
        \"LicenseStatus\":  1,
        \"Machine\":  null,
        \"Inner\":  { \"Tags\": [\"a\", \"b\"], \"Flag\": true }
    },
    { \"Name\": \"cut o
ff\", \"Status\": -2",
        &[
            "{name=Windows(R), A \"x\"@4 licensestatus=1@5 machine=-@6}",
            "inner{tags=a@7 tags=b@7 flag=true@7}",
            "{name=cut off@9 status=-2@10}",
        ],
    );
    check("Data: {\"a\": 1} and more", &["{a=1@1}"]);
    check("[HKEY_LOCAL_MACHINE]\n{x}\n[1]\n{\"a\" 1}\n]]}}", &[]);
}

#[test]
fn comma_separated_values() {
    check(
        "
\"Name\",\"Status\"
\"PC \"\"1\"\"\",\"two
lines\"
PC2,
other",
        &["{name=PC \"1\"@2 status=two lines@2}", "{name=PC2@4 status=-@4}"],
    );
    check("Name;Status\nA, B;1\n", &["{name=A, B@2 status=1@2}"]);
}

#[test]
fn time_is_linear() {
    for piece in ["{\"a\":", "[", "{\"", "a : b\n", "a=b\n", "\"", "a,\"\n", "- -\n", "{},", "[\"a\",1\n"] {
        rendered(&piece.repeat(60_000 / piece.len()));
    }
}

proptest! {
    #[test]
    fn never_panics(text in "(\\PC|\n|\\{|\\}|\\[|\\]|\"|:|,| : |=|\\\\u00|---- --\n|Name){0,80}") {
        rendered(&text);
    }
}
