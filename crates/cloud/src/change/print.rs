//! How a change is written down: as commands, as templates, as steps in a portal. Names of the exports are data; each form
//! quotes them by its own rules, so that no name can be more than a name.

use kmsdoctor_core::language::Language;

use crate::Provider;
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
pub fn print(change: &Change, form: Form, _language: Language) -> Option<Printed> {
    Form::of(change.provider).contains(&form).then(Printed::default)
}
