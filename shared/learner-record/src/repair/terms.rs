//! Dropping terms that no context defines.

use canonical_rdf::{Contexts, Fault, Located};
use serde_json::Value;

use super::Repairs;
use crate::{
    pointer::{child, is_at_or_below},
    validate::quoted,
};

/// More rounds than this are not a record with slips but something else.
const MAX_ROUNDS: usize = 100;

/// Drops properties and types that no context defines from the credential at `pointer`, until none is left. What stands at or
/// below a pointer of `untouched` stays.
pub(super) fn drop_undefined(
    credential: &mut Value,
    pointer: &str,
    untouched: &[String],
    contexts: &Contexts,
    repairs: &mut Repairs,
) {
    for _ in 0..MAX_ROUNDS {
        let mut dropped = false;
        // From the back, so that a place stays where it is until its turn comes.
        for Located { pointer: place, fault } in canonical_rdf::check(credential, contexts).into_iter().rev() {
            let Fault::UndefinedTerm(term) = fault else {
                continue;
            };
            if untouched.iter().any(|kept| is_at_or_below(&place, kept)) {
                continue;
            }
            if let Some(gone) = drop_term(credential, &place, &term) {
                let message = format!("removed: no context defines the term {}", quoted(&term));
                repairs.add(format!("{pointer}{gone}"), "undefined-term", message);
                dropped = true;
            }
        }
        if !dropped {
            return;
        }
    }
}

/// Removes the property at `place`, or the name among the types there, and tells the place that is gone. An object that would
/// be left without any type goes as a whole, because its class decides what its members mean.
fn drop_term(credential: &mut Value, place: &str, term: &str) -> Option<String> {
    let (parent, last) = place.rsplit_once('/')?;
    if child(parent, term) == place {
        credential.pointer_mut(parent)?.as_object_mut()?.shift_remove(term)?;
        return Some(place.to_owned());
    }
    // `/…/type` or `/…/type/0`
    let object = if last == "type" {
        parent
    } else {
        parent.strip_suffix("/type")?
    };
    let members = credential.pointer_mut(object)?.as_object_mut()?;
    match members.get_mut("type")? {
        Value::Array(types) if types.len() > 1 => {
            let index = types.iter().position(|name| name == term)?;
            types.remove(index);
            Some(format!("{object}/type/{index}"))
        }
        _ => remove(credential, object).map(|()| object.to_owned()),
    }
}

/// Removes a value, and the array that it leaves empty.
fn remove(document: &mut Value, place: &str) -> Option<()> {
    let (parent, last) = place.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(members) => {
            members.shift_remove(&last.replace("~1", "/").replace("~0", "~"))?;
        }
        Value::Array(items) => {
            let index: usize = last.parse().ok().filter(|index| *index < items.len())?;
            items.remove(index);
            if items.is_empty() {
                return remove(document, parent);
            }
        }
        _ => return None,
    }
    Some(())
}
