//! Names to addresses, vetted where they are about to be connected to: there is no second look-up that could differ.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Reach;

/// Resolves a host for the HTTP client, and gives it no address that is not allowed.
#[derive(Debug)]
pub(super) struct VettedLookup {
    pub(super) lookup: Lookup,
    pub(super) reach: Reach,
}

/// Who is asked.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    /// The operating system.
    System,
    /// Nobody: there is this machine, called `localhost` or `….localhost`, and nothing else.
    ThisMachine,
    /// A test, with the addresses of each next look-up of whatever name.
    #[cfg(test)]
    Answers(std::sync::Arc<std::sync::Mutex<std::collections::VecDeque<Vec<IpAddr>>>>),
}

/// A host has an address that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address of the host is not public")]
pub(super) struct NotPublic;

impl NotPublic {
    /// Whether that is why a request failed.
    pub(super) fn behind(error: &reqwest::Error) -> Option<Self> {
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = source {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(*found);
            }
            source = error.source();
        }
        None
    }
}

impl Resolve for VettedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (self.lookup.clone(), self.reach);
        Box::pin(async move {
            let addresses = lookup.addresses(name.as_str()).await?;
            // One bad address among good ones is a trick, not a mistake.
            if !addresses.iter().all(|address| reach.allows(*address)) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

impl Lookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0))
                .await?
                .map(|address| address.ip())
                .collect()),
            Self::ThisMachine if name == "localhost" || name.ends_with(".localhost") => {
                Ok(vec![Ipv4Addr::LOCALHOST.into()])
            }
            Self::ThisMachine => Err(std::io::Error::other("no such name")),
            #[cfg(test)]
            Self::Answers(answers) => {
                let mut answers = answers.lock().map_err(|_| std::io::Error::other("poisoned"))?;
                answers.pop_front().ok_or_else(|| std::io::Error::other("no such name"))
            }
        }
    }
}
