//! Steps of a sequence, and how they are drawn.

use proptest::prelude::*;

use crate::oauth_client::{READ, UPSERT};

/// One step of a sequence. Numbers choose among what is there.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Register,
    Authorize {
        client: usize,
        scope: Scope,
    },
    Redeem {
        client: Who,
        grant: usize,
        fault: Option<Fault>,
    },
    Refresh {
        client: Who,
        grant: usize,
        back: usize,
        scope: Scope,
        fault: Option<Fault>,
    },
    Revoke {
        client: Who,
        grant: usize,
        back: usize,
        refresh: bool,
    },
    Introspect {
        client: Who,
        grant: usize,
        back: usize,
    },
    /// The client pushes a request (RFC 9126).
    Push {
        client: usize,
        scope: Scope,
        fault: Option<Fault>,
    },
    /// A browser brings a pushed request, for the client that pushed it or another one.
    Bring {
        client: Who,
        pushed: usize,
    },
    /// A client asks for a token of its own (RFC 6749, section 4.4): the operator's, or an application.
    ClientCredentials {
        client: Option<usize>,
        scope: OperatorScope,
        fault: Option<Fault>,
    },
    InspectOwn {
        back: usize,
    },
    RevokeOwn {
        back: usize,
    },
    Wait(u64),
}

/// Which client asks: the one that it belongs to, or some other one.
#[derive(Clone, Debug)]
pub(super) enum Who {
    Owner,
    Any(usize),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    Left,
    Reading,
    Both,
    NotKnown,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Secret,
    Verifier,
    RedirectUri,
    Token,
}

/// What an operator's client asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum OperatorScope {
    Left,
    One,
    Both,
    Learners,
    NotKnown,
}

pub(super) const OFFLINE: &str = "offline_access";
const STEPS: std::ops::Range<usize> = 8..48;

impl Scope {
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Left => None,
            Self::Reading => Some(format!("{READ} {OFFLINE}")),
            Self::Both => Some(format!("{READ} {UPSERT} {OFFLINE}")),
            Self::NotKnown => Some("openid".to_owned()),
        }
    }
}

impl OperatorScope {
    pub(super) fn text(self) -> Option<&'static str> {
        match self {
            Self::Left => None,
            Self::One => Some("issue"),
            Self::Both => Some("issue status"),
            Self::Learners => Some(READ),
            Self::NotKnown => Some("openid"),
        }
    }
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || prop_oneof![6 => Just(Who::Owner), 1 => (0..3usize).prop_map(Who::Any)];
    let scope = || {
        prop_oneof![
            4 => Just(Scope::Left),
            3 => Just(Scope::Reading),
            3 => Just(Scope::Both),
            1 => Just(Scope::NotKnown),
        ]
    };
    let fault = || {
        let some = prop_oneof![
            Just(Fault::Secret),
            Just(Fault::Verifier),
            Just(Fault::RedirectUri),
            Just(Fault::Token),
        ];
        prop_oneof![5 => Just(None), 1 => some.prop_map(Some)]
    };
    let operator_scope = prop_oneof![
        2 => Just(OperatorScope::Left),
        2 => Just(OperatorScope::One),
        2 => Just(OperatorScope::Both),
        1 => Just(OperatorScope::Learners),
        1 => Just(OperatorScope::NotKnown),
    ];
    let asking = prop_oneof![4 => Just(None), 1 => (0..3usize).prop_map(Some)];
    let seconds = prop_oneof![
        Just(1),
        Just(40),
        Just(89),
        Just(91),
        Just(599),
        Just(601),
        Just(3_599),
        Just(3_601),
        Just(90_000)
    ];
    let step = prop_oneof![
        1 => Just(Step::Register),
        4 => (0..3usize, scope()).prop_map(|(client, scope)| Step::Authorize { client, scope }),
        6 => (who(), 0..9usize, fault()).prop_map(|(client, grant, fault)| Step::Redeem { client, grant, fault }),
        6 => (who(), 0..9usize, prop_oneof![4 => Just(0usize), 1 => 0..4usize], scope(), fault())
            .prop_map(|(client, grant, back, scope, fault)| Step::Refresh { client, grant, back, scope, fault }),
        2 => (who(), 0..9usize, 0..3usize, any::<bool>())
            .prop_map(|(client, grant, back, refresh)| Step::Revoke { client, grant, back, refresh }),
        6 => (who(), 0..9usize, 0..3usize)
            .prop_map(|(client, grant, back)| Step::Introspect { client, grant, back }),
        3 => (0..3usize, scope(), fault()).prop_map(|(client, scope, fault)| Step::Push { client, scope, fault }),
        4 => (who(), 0..5usize).prop_map(|(client, pushed)| Step::Bring { client, pushed }),
        3 => (asking, operator_scope, fault())
            .prop_map(|(client, scope, fault)| Step::ClientCredentials { client, scope, fault }),
        2 => (0..3usize).prop_map(|back| Step::InspectOwn { back }),
        1 => (0..3usize).prop_map(|back| Step::RevokeOwn { back }),
        2 => seconds.prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, STEPS)
}
