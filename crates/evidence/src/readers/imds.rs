//! Instance metadata of Azure, AWS and Google Cloud: JSON, or the list that PowerShell makes of it. It tells where the
//! machine runs, and for Azure of which image it is.

use kmsdoctor_core::fact::{Key, Subject, Value};

use super::objects::{self, Lines, Record};
use crate::document::Document;
use crate::sink::Sink;

/// Words of which one is there (in lower case).
const MARKS: [&str; 6] =
    ["azenvironment", "instanceid", "cpuplatform", "signature", "169.254.169.254", "certificate not found"];
/// The address of the service in Azure and AWS.
const ADDRESS: &str = "169.254.169.254";
/// Lines between the request and the error.
const ERROR_LINES_MAX: usize = 10;
/// How PowerShell and curl say that nothing answers.
const ERRORS: [&str; 7] = [
    "Unable to connect to the remote server",
    "リモート サーバーに接続できません",
    "Die Verbindung mit dem Remoteserver kann nicht hergestellt werden",
    "The operation has timed out",
    "操作がタイムアウトしました",
    "Failed to connect to 169.254.169.254",
    "Connection timed out",
];
/// How the check of the attested document (Azure support) reports an intermediate certificate that the machine lacks.
const NO_CERTIFICATE: &str = "Certificate not found: 'CN=";

/// Puts what the metadata tell into the sink.
pub(crate) fn read(document: &Document<'_>, sink: &mut Sink<'_>) {
    if !objects::mentions(document, &MARKS) {
        return;
    }
    for record in objects::records(document) {
        azure(&record, sink);
        aws(&record, sink);
        google(&record, sink);
    }
    failures(document, sink);
}

fn answers(platform: &str, lines: &Lines, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    sink.word(&machine, Key::MachinePlatform, platform, lines.clone());
    sink.word(&machine, Key::CloudMetadata, "answers", lines.clone());
}

fn azure(record: &Record, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    if record.name == "osprofile"
        && let Some((name, lines)) = record.value(&["computername"])
    {
        sink.present(&machine, Key::MachineName, Value::Text(name.to_owned()), lines.clone());
    }
    // The attested document shows that the service answers; whether Windows accepts it depends on its certificates.
    if record.value(&["encoding"]).is_some_and(|(encoding, _)| encoding == "pkcs7")
        && let Some((_, lines)) = record.value(&["signature"])
    {
        sink.word(&machine, Key::CloudMetadata, "answers", *lines.start()..=*lines.start());
    }
    let Some((environment, lines)) = record.value(&["azenvironment"]) else { return };
    if !environment.starts_with("Azure") || environment.eq_ignore_ascii_case("AzureStack") {
        return;
    }
    answers("azure", lines, sink);
    let offer = record.value(&["offer"]).map_or("", |(offer, _)| offer).to_ascii_lowercase();
    if let Some((sku, lines)) = record.value(&["sku"]) {
        let sku = sku.to_ascii_lowercase();
        let is_desktop = offer.starts_with("windows-1") || offer.starts_with("office-365");
        if sku.contains("azure-edition") {
            sink.word(&machine, Key::MachineEditionClass, "azure-edition", lines.clone());
        } else if is_desktop && ["-avd", "-evd"].iter().any(|mark| sku.contains(mark)) {
            sink.word(&machine, Key::MachineEditionClass, "multi-session", lines.clone());
        }
    }
}

/// The instance identity document.
fn aws(record: &Record, sink: &mut Sink<'_>) {
    let starts = |name: &str, with: &str| record.value(&[name]).filter(|(value, _)| value.starts_with(with));
    if let Some((_, lines)) = starts("instanceid", "i-").filter(|_| starts("imageid", "ami-").is_some()) {
        answers("aws", lines, sink);
    }
}

/// `instance/?recursive=true`.
fn google(record: &Record, sink: &mut Sink<'_>) {
    let is_path = |name: &str| record.value(&[name]).is_some_and(|(value, _)| value.starts_with("projects/"));
    if let Some((_, lines)) = record.value(&["cpuplatform"]).filter(|_| is_path("zone") && is_path("machinetype")) {
        answers("google-cloud", lines, sink);
    }
}

fn failures(document: &Document<'_>, sink: &mut Sink<'_>) {
    let machine = Subject::machine();
    let mut request = None;
    for (index, line) in document.lines.iter().enumerate() {
        if line.text.contains(NO_CERTIFICATE) {
            sink.word(&machine, Key::CloudAttestation, "fails", index..=index);
        }
        let is_error = ERRORS.iter().any(|error| line.text.contains(error));
        if is_error && request.is_some_and(|request| index - request <= ERROR_LINES_MAX) {
            sink.word(&machine, Key::CloudMetadata, "unreachable", index..=index);
            request = None;
        }
        // The error may name the address itself; a route or a rule that does is no request.
        if line.text.contains(ADDRESS) && (line.text.contains("http://") || is_error) {
            request = Some(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::testing;

    fn check(input: &str, expect: &str) {
        testing::check(read, input, expect);
    }

    const AZURE: &str = "
{
  \"compute\": {
    \"azEnvironment\": \"AzurePublicCloud\",
    \"name\": \"vm1\",
    \"offer\": \"WindowsServer\",
    \"osProfile\": { \"adminUsername\": \"x\", \"computerName\": \"srv1\" },
    \"osType\": \"Windows\",
    \"sku\": \"2022-datacenter-azure-edition-core\",
    \"vmId\": \"11111111-2222-3333-4444-555555555555\"
  },
  \"network\": { \"interface\": [ { \"macAddress\": \"000D3A000000\" } ] }
}";

    #[test]
    fn azure() {
        check(
            AZURE,
            "machine machine.platform = azure @3
             machine cloud.metadata = answers @3
             machine machine.edition-class = azure-edition @8
             machine machine.name = srv1 @6",
        );
        check(
            "azEnvironment : AzurePublicCloud\noffer         : windows-11\nsku           : win11-24h2-avd",
            "machine machine.platform = azure @1
             machine cloud.metadata = answers @1
             machine machine.edition-class = multi-session @3",
        );
        check(
            "azEnvironment : AzureUSGovernmentCloud\nsku           : 2022-datacenter",
            "machine machine.platform = azure @1\nmachine cloud.metadata = answers @1",
        );
        check("{\"azEnvironment\": \"AzureStack\"}", "");
    }

    #[test]
    fn attestation() {
        check("{\"encoding\":\"pkcs7\",\"signature\":\"MIIB\"}", "machine cloud.metadata = answers @1");
        check(
            "http://169.254.169.254/metadata/attested/document\nCertificate not found: 'CN=Microsoft Azure RSA TLS Issuing CA 04, O=Microsoft Corporation, C=US'",
            "machine cloud.attestation = fails @2",
        );
    }

    #[test]
    fn other_clouds() {
        check(
            "{ \"imageId\" : \"ami-0123456789abcdef0\", \"instanceId\" : \"i-0123456789abcdef0\", \"region\" : \"ap-northeast-1\" }",
            "machine machine.platform = aws @1\nmachine cloud.metadata = answers @1",
        );
        check(
            "{\"cpuPlatform\":\"Intel Broadwell\",\"machineType\":\"projects/1/machineTypes/n1\",\"zone\":\"projects/1/zones/asia-northeast1-a\"}",
            "machine machine.platform = google-cloud @1\nmachine cloud.metadata = answers @1",
        );
        check("{\"instanceId\": \"i-1\", \"zone\": \"projects/1\"}", "");
    }

    #[test]
    fn nothing_answers() {
        check(
            "
PS C:\\> Invoke-RestMethod -Headers @{\"Metadata\"=\"true\"} -Uri \"http://169.254.169.254/metadata/instance?api-version=2021-02-01\"
Invoke-RestMethod : リモート サーバーに接続できません。
At line:1 char:1",
            "machine cloud.metadata = unreachable @2",
        );
        check("Unable to connect to the remote server", "");
        check("Route to 169.254.169.254 is there.\nThe operation has timed out", "");
    }

    proptest! {
        #[test]
        fn never_panics_on_damaged_metadata(damage: (usize, u8, usize)) {
            testing::mutate(read, AZURE, damage);
        }

        #[test]
        fn never_panics(text in "(\\PC|\n|\\{|\\}|\"|:|azEnvironment|signature|http://169.254.169.254|Connection timed out){0,40}") {
            testing::facts(read, text.as_bytes());
        }
    }
}
