//! Pages for people: no script, no remote content, never framed, never kept, never told to other sites.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::Language;

/// A page of the service.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    title: String,
    content: Markup,
    language: Language,
    form_targets: Vec<String>,
}

impl Page {
    /// A page with a heading and what stands below it.
    #[must_use]
    pub fn new(title: impl Into<String>, content: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            content,
            language: Language::default(),
            form_targets: Vec::new(),
        }
    }

    /// Says that something cannot be done.
    #[must_use]
    pub fn error(status: StatusCode, title: impl Into<String>, content: Markup) -> Self {
        Self {
            status,
            ..Self::new(title, content)
        }
    }

    /// Written in this language.
    #[must_use]
    pub fn written_in(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Its forms may lead to this origin, beside our own: browsers hold redirects after a form to the policy too.
    #[must_use]
    pub fn leading_to(mut self, origin: String) -> Self {
        self.form_targets.push(origin);
        self
    }

    fn policy(&self) -> String {
        let targets: String = self.form_targets.iter().map(|origin| format!(" {origin}")).collect();
        format!(
            "default-src 'none'; style-src '{}'; form-action 'self'{targets}; frame-ancestors 'none'; base-uri 'none'",
            *STYLE_HASH
        )
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let policy = self.policy();
        let document = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        h1 { (self.title) }
                        (self.content)
                    }
                }
            }
        };
        let mut response = (self.status, Html(document.into_string())).into_response();
        let headers = response.headers_mut();
        // Everything in the policy is ASCII: an origin has its host in punycode. If it ever were not, nothing is allowed.
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        response
    }
}

static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE.as_bytes()))));

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#f4f4f2}\
main{max-width:34rem;margin:2rem auto;padding:min(1.5rem,6vw);background:#fff;border-radius:.5rem;overflow-wrap:anywhere}\
main>:last-child{margin-bottom:0}\
h1{font-size:1.4rem;line-height:1.25;margin:0 0 1rem}\
h2{font-size:1.1rem;margin:1.25rem 0 .5rem}\
ul{margin:.5rem 0 1rem;padding-left:1.25rem}\
fieldset{border:0;margin:0;padding:0;min-width:0}\
legend{font-size:1.1rem;font-weight:600;padding:0}\
label{display:flex;gap:.6rem;padding:.5rem 0}\
input{flex:none;width:1.2rem;height:1.2rem;margin:.15rem 0 0;accent-color:#0b4f9e}\
button{font:inherit;display:block;width:100%;margin:.75rem 0 0;padding:.7rem min(1rem,4vw);border:2px solid #0b4f9e;\
border-radius:.4rem;background:#fff;color:#0b4f9e;cursor:pointer;text-align:left;overflow-wrap:anywhere}\
button.main{background:#0b4f9e;color:#fff;text-align:center}\
button.other{text-align:center}\
a{color:#0b4f9e}\
:focus-visible{outline:3px solid #b35900;outline-offset:2px}\
.note{color:#4a4a4a}\
.warning{padding:.6rem .8rem;border-left:.3rem solid #b35900;background:#fff4e5}\
@media(max-width:36rem){main{margin:0 auto;border-radius:0}}\
@media(prefers-color-scheme:dark){\
body{color:#eee;background:#161616}\
main{background:#222}\
a{color:#9cc7ff}\
input{accent-color:#9cc7ff}\
button{background:#222;color:#9cc7ff;border-color:#9cc7ff}\
button.main{background:#9cc7ff;color:#10243d}\
:focus-visible{outline-color:#ffb45c}\
.note{color:#c4c4c4}\
.warning{border-color:#ffb45c;background:#3a2c1a}}";

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(page: Page, policy: &str) {
        let response = page.into_response();
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], policy);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let document = String::from_utf8(body.to_vec()).unwrap();
        let style = document
            .split_once("<style>")
            .unwrap()
            .1
            .split_once("</style>")
            .unwrap()
            .0;
        assert!(
            policy.contains(&STANDARD.encode(Sha256::digest(style))),
            "the policy refuses the page's own style"
        );
    }

    #[tokio::test]
    async fn a_page_allows_its_own_style_and_its_forms_only() {
        let style = &*STYLE_HASH;
        let rest = "frame-ancestors 'none'; base-uri 'none'";
        check(
            Page::new("Title", html! {}),
            &format!("default-src 'none'; style-src '{style}'; form-action 'self'; {rest}"),
        )
        .await;
        check(
            Page::new("Title", html! {}).leading_to("https://app.example".to_owned()),
            &format!("default-src 'none'; style-src '{style}'; form-action 'self' https://app.example; {rest}"),
        )
        .await;
    }
}
