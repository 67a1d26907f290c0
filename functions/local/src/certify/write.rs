//! Provider write: what is submitted is taken, and kept.

use reqwest::StatusCode;

use super::{
    api::Api,
    finding::{Faults, Stop, Tested},
    read,
    submission::Submission,
};

/// `write.created`: each is new.
pub(crate) async fn created(api: Api<'_>, submissions: &[Submission]) -> Tested<()> {
    let mut faults = Faults::default();
    for submission in submissions {
        faults.of(&submission.id, taken(api, submission, 201).await?);
    }
    faults.with(())
}

/// `write.repeated`: the same again. The text of the standard lets a host answer 200, 304 or 400.
pub(crate) async fn repeated(api: Api<'_>, submission: &Submission) -> Tested<()> {
    let before = read::total(api).await?;
    let answer = api.submit(submission.media_type, &submission.text).await?;
    let mut faults = Faults::default();
    let status = answer.status;
    faults.unless([200, 304, 400].contains(&status.as_u16()), || {
        format!("the same credential again was answered {status}; 200, 304 and 400 are right")
    });
    api.http
        .notebook
        .remark(format!("the same credential again was answered {status}"));
    let after = read::total(api).await?;
    faults.unless(before == after, || {
        format!("there were {before:?} credentials, now there are {after:?}")
    });
    faults.with(())
}

/// `write.replaced`: a newer version takes the place of the one that is there.
pub(crate) async fn replaced(api: Api<'_>, newer: &Submission) -> Tested<()> {
    let before = read::total(api).await?;
    let mut faults = taken(api, newer, 200).await?;
    let after = read::total(api).await?;
    faults.unless(before == after, || {
        format!("there were {before:?} credentials, now there are {after:?}")
    });
    faults.with(())
}

/// `write.jws`.
pub(crate) async fn jws(api: Api<'_>, submission: &Submission) -> Tested<()> {
    let answer = api.submit(submission.media_type, &submission.text).await?;
    if answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Err(Stop::not_offered("the host takes no text/plain"));
    }
    echoes(&answer, submission, 201).with(())
}

/// `write.ecdsa-rdfc-2019`: hosts need not take it.
pub(crate) async fn ecdsa(api: Api<'_>, submission: &Submission) -> Tested<()> {
    let answer = api.submit(submission.media_type, &submission.text).await?;
    if matches!(answer.status.as_u16(), 400 | 422) {
        let told = answer.json()["imsx_description"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        return Err(Stop::not_offered(format!(
            "the host does not take ecdsa-rdfc-2019, which is on no list of 1EdTech's (those have eddsa-rdfc-2022 and ecdsa-sd-2023): {told}"
        )));
    }
    echoes(&answer, submission, 201).with(())
}

/// `write.given`: the operator's credential may be there from an earlier run.
pub(crate) async fn given(api: Api<'_>, submission: &Submission) -> Tested<()> {
    let answer = api.submit(submission.media_type, &submission.text).await?;
    match answer.status.as_u16() {
        304 => Faults::default().with(()),
        200 => echoes(&answer, submission, 200).with(()),
        _ => echoes(&answer, submission, 201).with(()),
    }
}

/// `write.preserved`: each is on the list, equal to what was submitted.
pub(crate) async fn preserved(api: Api<'_>, submissions: &[Submission]) -> Tested<()> {
    let list = read::walk(api, "/credentials?limit=100").await?;
    let mut faults = Faults::default();
    for submission in submissions {
        let document = submission.document();
        if document.is_string() {
            faults.unless(list.tokens.contains(&document), || {
                format!(
                    "{}: the compact JWS is not on the list as it was submitted",
                    submission.id
                )
            });
            continue;
        }
        match list
            .credentials
            .iter()
            .find(|credential| credential["id"] == submission.id.as_str())
        {
            None => faults.add(format!("{} is not on the list", submission.id)),
            Some(found) => {
                faults.unless(*found == document, || {
                    format!("{}: {}", submission.id, read::difference(&document, found))
                });
                if *found == document && !list.texts.iter().any(|text| text.contains(&submission.text)) {
                    api.http
                        .notebook
                        .remark(format!("{} came back equal, in other bytes", submission.id));
                }
            }
        }
    }
    faults.with(())
}

async fn taken(api: Api<'_>, submission: &Submission, status: u16) -> Result<Faults, Stop> {
    let answer = api.submit(submission.media_type, &submission.text).await?;
    Ok(echoes(&answer, submission, status))
}

/// This status, and the credential in the form in which it was submitted.
fn echoes(answer: &super::http::Answer, submission: &Submission, status: u16) -> Faults {
    let mut faults = answer.expect(status);
    if let Some(told) = answer.json()["imsx_description"].as_str() {
        faults.add(format!("the host says: {told}"));
        return faults;
    }
    let is_jws = submission.media_type == "text/plain";
    let media_type = answer.media_type();
    let same_family = if is_jws {
        media_type == "text/plain"
    } else {
        media_type.starts_with("application/")
    };
    faults.unless(same_family, || {
        format!(
            "the answer is of type {media_type:?}, the credential was {}",
            submission.media_type
        )
    });
    let same = if is_jws {
        answer.text().trim() == submission.text
    } else {
        answer.json() == submission.document()
    };
    faults.unless(same, || {
        "the answer is not the credential that was submitted".to_owned()
    });
    faults
}
