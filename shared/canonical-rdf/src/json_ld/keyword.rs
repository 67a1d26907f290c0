//! The keywords of JSON-LD 1.1.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Base,
    Container,
    Context,
    Direction,
    Graph,
    Id,
    Import,
    Included,
    Index,
    Json,
    Language,
    List,
    Nest,
    None,
    Prefix,
    Propagate,
    Protected,
    Reverse,
    Set,
    Type,
    Value,
    Version,
    Vocab,
}

impl Keyword {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.strip_prefix('@')? {
            "base" => Self::Base,
            "container" => Self::Container,
            "context" => Self::Context,
            "direction" => Self::Direction,
            "graph" => Self::Graph,
            "id" => Self::Id,
            "import" => Self::Import,
            "included" => Self::Included,
            "index" => Self::Index,
            "json" => Self::Json,
            "language" => Self::Language,
            "list" => Self::List,
            "nest" => Self::Nest,
            "none" => Self::None,
            "prefix" => Self::Prefix,
            "propagate" => Self::Propagate,
            "protected" => Self::Protected,
            "reverse" => Self::Reverse,
            "set" => Self::Set,
            "type" => Self::Type,
            "value" => Self::Value,
            "version" => Self::Version,
            "vocab" => Self::Vocab,
            _ => return None,
        })
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Base => "@base",
            Self::Container => "@container",
            Self::Context => "@context",
            Self::Direction => "@direction",
            Self::Graph => "@graph",
            Self::Id => "@id",
            Self::Import => "@import",
            Self::Included => "@included",
            Self::Index => "@index",
            Self::Json => "@json",
            Self::Language => "@language",
            Self::List => "@list",
            Self::Nest => "@nest",
            Self::None => "@none",
            Self::Prefix => "@prefix",
            Self::Propagate => "@propagate",
            Self::Protected => "@protected",
            Self::Reverse => "@reverse",
            Self::Set => "@set",
            Self::Type => "@type",
            Self::Value => "@value",
            Self::Version => "@version",
            Self::Vocab => "@vocab",
        }
    }

    /// Whether a string is no keyword but looks like one: such strings are kept for later versions of JSON-LD.
    pub(crate) fn is_form(text: &str) -> bool {
        text.strip_prefix('@')
            .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
    }
}
