//! Learners.

use super::{Table, TableError, keys};
use crate::learners::{Learner, LearnerId};

impl Table {
    /// The learner of this id; none before the first sign-in.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn learner(&self, id: &LearnerId) -> Result<Option<Learner>, TableError> {
        self.read("learner", &keys::learner(&self.tenant, id)).await
    }
}
