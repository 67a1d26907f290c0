//! What a test finds: a value to go on with, faults of the host, or a reason to stop.

/// A test's end.
pub(crate) type Tested<T> = Result<Found<T>, Stop>;

/// What later tests need, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) faults: Faults,
}

/// Rules that the host breaks, in words. None: the test passed.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

/// Why a test gives nothing to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The host broke a rule.
    Failed(String),
    /// The host does not have what is tested, as the standard lets it.
    NotOffered(String),
    /// It could not be tested.
    Skipped(String),
}

impl Faults {
    /// Notes a fault unless the rule holds.
    pub(crate) fn unless(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.0.push(fault());
        }
    }

    /// Notes a fault.
    pub(crate) fn add(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }

    /// The faults of a part, each with its name.
    pub(crate) fn of(&mut self, part: &str, faults: Self) {
        self.0
            .extend(faults.0.into_iter().map(|fault| format!("{part}: {fault}")));
    }

    /// All faults as one text; none if there are none.
    pub(crate) fn text(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join("; "))
    }

    /// The test's end with a value to go on with.
    #[expect(clippy::unnecessary_wraps, reason = "the last line of every test")]
    pub(crate) fn with<T>(self, value: T) -> Tested<T> {
        Ok(Found { value, faults: self })
    }

    /// The test's end where nothing can go on after a fault.
    pub(crate) fn or<T>(self, value: Option<T>) -> Tested<T> {
        match (value, self.text()) {
            (Some(value), _) => Ok(Found { value, faults: self }),
            (None, Some(text)) => Err(Stop::Failed(text)),
            (None, None) => Err(Stop::Failed("the answer lacks what it should bring".to_owned())),
        }
    }
}

impl Stop {
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    pub(crate) fn not_offered(text: impl Into<String>) -> Self {
        Self::NotOffered(text.into())
    }

    pub(crate) fn skipped(text: impl Into<String>) -> Self {
        Self::Skipped(text.into())
    }
}
