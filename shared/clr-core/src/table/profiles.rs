//! The Profile that an application put for a learner: one item beside the learner's other ones, the submitted bytes compressed.

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;

use super::{
    Patience, Table, TableError,
    body::{Body, digest, part_item, read_part, restore},
    is_contention, item, keys,
};
use crate::{
    Randomness,
    learners::{Learner, LearnerId},
};

/// No Profile is longer: compressed, whatever it holds, it is one item.
pub const MAX_PROFILE_BYTES: usize = 300_000;

const LENGTH: &str = "length";

/// Should the answer to a write be lost, the SDK's own repetition knows it by its mark, and is told what the write would have been.
const OURS: &str = "mark = :mark";

impl Table {
    /// The Profile that was put for a learner, as it was submitted, and the learner, in one trip.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn profile_and_learner(
        &self,
        learner: &LearnerId,
        patience: Patience<'_>,
    ) -> Result<(Option<String>, Option<Learner>), TableError> {
        let (profile, learner) = (
            keys::profile(&self.tenant, learner),
            keys::learner(&self.tenant, learner),
        );
        let mut items = self.read_all(&[profile.clone(), learner.clone()], patience).await?;
        let learner = item::take("learner", &learner, &mut items)?;
        let profile = items.iter().find(|item| profile.names(item)).map(text_of).transpose()?;
        Ok((profile, learner))
    }

    /// Puts a Profile, whatever was there; false when these very bytes were: nothing is written then.
    ///
    /// # Errors
    /// The table is busy or refuses; the Profile is longer than [`MAX_PROFILE_BYTES`].
    pub async fn put_profile(
        &self,
        learner: &LearnerId,
        text: &str,
        randomness: &Randomness,
    ) -> Result<bool, TableError> {
        let put = self.profile_put(learner, text, randomness)?;
        let put = put
            .condition_expression(format!("attribute_not_exists(pk) OR digest <> :digest OR {OURS}"))
            .expression_attribute_values(":digest", item::bytes(&digest(text)));
        put_if(put).await
    }

    /// Puts a Profile in place of the one that was `seen`, or where none was; false when that is no longer so.
    ///
    /// # Errors
    /// As [`Table::put_profile`].
    pub async fn replace_profile(
        &self,
        learner: &LearnerId,
        seen: Option<&str>,
        text: &str,
        randomness: &Randomness,
    ) -> Result<bool, TableError> {
        let put = self.profile_put(learner, text, randomness)?;
        let put = match seen {
            Some(seen) => put
                .condition_expression(format!("digest = :seen OR {OURS}"))
                .expression_attribute_values(":seen", item::bytes(&digest(seen))),
            None => put.condition_expression(format!("attribute_not_exists(pk) OR {OURS}")),
        };
        put_if(put).await
    }

    fn profile_put(
        &self,
        learner: &LearnerId,
        text: &str,
        randomness: &Randomness,
    ) -> Result<PutItemFluentBuilder, TableError> {
        if text.len() > MAX_PROFILE_BYTES {
            return Err(TableError::TooLarge);
        }
        let body = Body::of(text)?;
        let [part] = body.parts()[..] else {
            return Err(TableError::TooLarge);
        };
        let mut profile = part_item(&keys::profile(&self.tenant, learner), &body.digest, part);
        profile.insert(LENGTH.to_owned(), item::number(body.length));
        let mark = item::text(randomness.uuid().to_string());
        profile.insert("mark".to_owned(), mark.clone());
        let put = self.client.put_item().table_name(&self.name).set_item(Some(profile));
        Ok(put.expression_attribute_values(":mark", mark))
    }
}

/// Whether the condition held.
async fn put_if(put: PutItemFluentBuilder) -> Result<bool, TableError> {
    match put.send().await {
        Ok(_) => Ok(true),
        Err(error) if is_contention(&error) => Ok(false),
        Err(error) => Err(TableError::of("PutItem", error)),
    }
}

fn text_of(profile: &item::Item) -> Result<String, TableError> {
    let length = profile.get(LENGTH).and_then(|value| value.as_n().ok()?.parse().ok());
    let length = length.ok_or_else(|| TableError::Corrupt("the length of a profile".to_owned()))?;
    restore(&[read_part(profile)?.0], length)
}
