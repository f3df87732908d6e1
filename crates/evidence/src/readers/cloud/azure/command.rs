//! The command above an export: effective routes and rules do not say whose they are.

use kmsdoctor_cloud::azure::ResourceId;

/// Bytes above an export in which its command is looked for: warnings of `az` may stand between.
const BYTES_MAX: usize = 4096;
/// Words by which a command or a request asks what holds at an interface, or for the rules of a group (in lower case).
const ASKS: [&str; 7] = [
    "show-effective-route-table",
    "list-effective-nsg",
    "get-azeffectiveroutetable",
    "get-azeffectivenetworksecuritygroup",
    "/effectiveroutetable",
    "/effectivenetworksecuritygroups",
    "nsg rule list",
];
/// Options that name what is asked about (in lower case).
const OPTIONS: [&str; 5] = ["-n", "--name", "--ids", "--nsg-name", "-networkinterfacename"];
/// What a line ends with that goes on in the next one.
const CONTINUES: [char; 3] = ['\\', '`', '^'];

/// What the nearest command in this text asks about: an id, or a name.
pub(super) fn above(text: &str) -> Option<ResourceId> {
    let text = &text[text.ceil_char_boundary(text.len().saturating_sub(BYTES_MAX))..];
    let lines: Vec<&str> = text.lines().collect();
    let asks = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        ASKS.iter().any(|ask| lower.contains(ask))
    };
    let command = lines.iter().rposition(asks)?;
    let mut words = Vec::new();
    for line in lines.get(command..)? {
        let line = line.trim_end();
        words.extend(line.trim_end_matches(CONTINUES).split_whitespace());
        if !line.ends_with(CONTINUES) {
            break;
        }
    }
    named(&words).map(|name| ResourceId::new(&name))
}

fn named(words: &[&str]) -> Option<String> {
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if let Some(id) = of_request(word) {
            return Some(id);
        }
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        if OPTIONS.contains(&option.to_ascii_lowercase().as_str()) {
            let value = if value.is_empty() { words.peek()? } else { value };
            return Some(value.trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty());
        }
    }
    None
}

/// The interface in the address of a request.
fn of_request(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let end = lower.find("/effective")?;
    let start = lower.find("/subscriptions/").filter(|start| *start < end)?;
    Some(word.get(start..end)?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<String> {
        above(text).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn commands_and_requests_name_the_interface() {
        for command in [
            "az network nic show-effective-route-table -g rg -n vm1-nic -o json",
            "PS C:\\> az network nic list-effective-nsg --resource-group rg --name=\"vm1-nic\"\nWARNING: preview",
            "mia@host:~$ az network nic list-effective-nsg \\\n  --resource-group rg \\\n  --name vm1-nic",
            "Get-AzEffectiveRouteTable -NetworkInterfaceName 'VM1-nic' -ResourceGroupName rg | ConvertTo-Json",
        ] {
            assert_eq!(asked(command).as_deref(), Some("vm1-nic"), "{command}");
        }
        let id = "/subscriptions/1/resourcegroups/rg/providers/microsoft.network/networkinterfaces/nic1";
        let request = format!("POST https://management.azure.com{id}/effectiveRouteTable?api-version=2023-09-01");
        assert_eq!(asked(&request).as_deref(), Some(id));
        let by_id = format!("az network nic show-effective-route-table --ids {id}");
        assert_eq!(asked(&by_id).as_deref(), Some(id));
        assert_eq!(asked("az network nic show -n vm1-nic"), None);
        assert_eq!(asked("az network nic list-effective-nsg -g rg"), None);
    }
}
