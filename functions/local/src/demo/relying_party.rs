//! Someone who was handed the record and asks the service for a verdict: an employer, say.

use clr_server::paths;
use reqwest::Url;
use serde_json::{Value, json};

use super::{
    Wrong,
    http::{Http, Notes},
    tamper::forgeries,
};

/// Someone who was handed the record.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    http: Http,
    verify: Url,
}

impl RelyingParty {
    /// Knows the service.
    pub(crate) fn new(service: &Url, notes: &Notes) -> Result<Self, Wrong> {
        Ok(Self {
            http: Http::new(notes)?,
            verify: service.join(paths::VERIFY)?,
        })
    }

    /// The record must be found valid.
    pub(crate) async fn accept(&self, record: &Value) -> Result<(), Wrong> {
        let verdict = self.verdict(record).await?;
        match verdict["verdict"].as_str() {
            Some("valid") => Ok(()),
            _ => Err(Wrong::from(format!("the record should be valid: {verdict}"))),
        }
    }

    /// Every forgery of the record must be found invalid.
    pub(crate) async fn refuse_forgeries(&self, record: &Value) -> Result<(), Wrong> {
        let forgeries = forgeries(record);
        if forgeries.is_empty() {
            return Err(Wrong::from("the record has nothing in it that could be forged"));
        }
        for forgery in forgeries {
            let verdict = self.verdict(&forgery.record).await?;
            if verdict["verdict"] != "invalid" {
                return Err(Wrong::from(format!("{}, and the verdict is: {verdict}", forgery.what)));
            }
        }
        Ok(())
    }

    async fn verdict(&self, record: &Value) -> Result<Value, Wrong> {
        let body = json!({ "verifiableCredential": record });
        let request = self.http.client().post(self.verify.clone()).json(&body).build()?;
        Ok(self.http.send(request).await?.json())
    }
}
