//! How a change is written down: as commands, as templates, as steps in a portal. Names of the exports are data; each form
//! quotes them by its own rules, so that no name can be more than a name.

mod az;
mod bicep;
mod block;
mod gcloud;
mod portal;
mod powershell;
mod quote;
mod terraform;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ipnet::IpNet;
use kmsdoctor_core::language::Language;

use crate::Provider;
use crate::azure::NextHop;
use crate::change::Change;

/// A form in which a change can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Commands of the Azure CLI, for a POSIX shell such as Cloud Shell.
    Az,
    /// A Bicep template; what a template could only do by repeating a whole resource is left to the Azure CLI.
    Bicep,
    /// Terraform: `azurerm` 4.x or `google`.
    Terraform,
    /// Steps in the cloud's portal, in the words of the portal.
    Portal,
    /// Commands for an elevated PowerShell on the machine (AWS).
    PowerShell,
    /// Commands of `gcloud`, for a POSIX shell.
    Gcloud,
}

impl Form {
    /// The forms of a cloud, the most usual first.
    pub fn of(provider: Provider) -> &'static [Self] {
        match provider {
            Provider::Azure => &[Self::Az, Self::Bicep, Self::Terraform, Self::Portal],
            Provider::Aws => &[Self::PowerShell],
            Provider::GoogleCloud => &[Self::Gcloud, Self::Terraform],
        }
    }
}

/// A change in one form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Printed {
    /// What makes it.
    pub apply: String,
    /// What takes it back.
    pub undo: String,
    /// What shows that it worked.
    pub verify: String,
}

/// The change in a form; `None` if the form is not one of its cloud.
pub fn print(change: &Change, form: Form, language: Language) -> Option<Printed> {
    let printed = match (change.provider, form) {
        (Provider::Azure, Form::Az) => az::print(change),
        (Provider::Azure, Form::Bicep) => bicep::print(change),
        (Provider::Azure, Form::Terraform) => terraform::print(change, language),
        (Provider::Azure, Form::Portal) => portal::print(change, language),
        (Provider::Aws, Form::PowerShell) => powershell::print(change),
        (Provider::GoogleCloud, Form::Gcloud) => gcloud::print(change),
        (Provider::GoogleCloud, Form::Terraform) => gcloud::terraform(change),
        _ => return None,
    };
    Some(printed)
}

/// Lines, each with its end.
fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

/// The prefix that is one address alone.
fn prefix(address: IpAddr) -> String {
    IpNet::from(address).to_string()
}

impl NextHop {
    /// The word of Azure's API.
    fn word(&self) -> &str {
        match self {
            Self::Internet => "Internet",
            Self::VirtualAppliance => "VirtualAppliance",
            Self::VirtualNetworkGateway => "VirtualNetworkGateway",
            Self::VirtualNetwork => "VnetLocal",
            Self::Peering => "VNetPeering",
            Self::ServiceEndpoint => "VirtualNetworkServiceEndpoint",
            Self::None => "None",
            Self::Unknown(word) => word,
        }
    }
}
