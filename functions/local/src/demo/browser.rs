//! The learner's browser: opens pages, keeps cookies, submits forms, follows redirects within the service.

use reqwest::{Method, Request, Url, header};

use super::{
    Wrong,
    form::Form,
    http::{Answer, Http, Notes},
};

/// A browser with one tab.
#[derive(Debug)]
pub(crate) struct Browser {
    http: Http,
    cookies: Vec<(String, String)>,
}

/// Where the browser is.
#[derive(Debug)]
pub(crate) enum Place {
    /// A page of the service.
    Page(Page),
    /// The service has sent the browser elsewhere; nothing is fetched there.
    Elsewhere(Url),
}

/// A page and its address.
#[derive(Debug)]
pub(crate) struct Page {
    url: Url,
    html: String,
}

impl Browser {
    /// No page open, no cookies.
    pub(crate) fn new(notes: &Notes) -> Result<Self, Wrong> {
        Ok(Self {
            http: Http::new(notes)?,
            cookies: Vec::new(),
        })
    }

    /// Opens an address.
    pub(crate) async fn open(&mut self, url: Url) -> Result<Place, Wrong> {
        self.go(Request::new(Method::GET, url)).await
    }

    /// Submits a form of the page with these fields.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        form: &Form,
        fields: &[(String, String)],
    ) -> Result<Place, Wrong> {
        let mut url = page.url.join(&form.action)?;
        let request = if form.posts {
            let origin = page.url.origin().ascii_serialization();
            self.http
                .client()
                .post(url)
                .header(header::ORIGIN, origin)
                .form(fields)
                .build()?
        } else {
            url.query_pairs_mut().clear().extend_pairs(fields);
            Request::new(Method::GET, url)
        };
        self.go(request).await
    }

    async fn go(&mut self, mut request: Request) -> Result<Place, Wrong> {
        const REDIRECTS: usize = 5;
        let home = request.url().origin();
        for _ in 0..REDIRECTS {
            let url = request.url().clone();
            if let Some(cookies) = self.cookie_header() {
                request
                    .headers_mut()
                    .insert(header::COOKIE, cookies.parse().map_err(|_| "a cookie is no header")?);
            }
            let answer = self.http.send(request).await?;
            self.keep_cookies(&answer);
            if !answer.status.is_redirection() {
                return match answer.status.is_success() {
                    true => Ok(Place::Page(Page { url, html: answer.body })),
                    false => Err(Wrong::answer("a page", &answer)),
                };
            }
            let target = url.join(answer.header(header::LOCATION))?;
            if target.origin() != home {
                return Ok(Place::Elsewhere(target));
            }
            request = Request::new(Method::GET, target);
        }
        Err(Wrong::from("the service redirects in circles"))
    }

    fn cookie_header(&self) -> Option<String> {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// All cookies are the service's: it is the only host that is ever asked.
    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let Some((pair, attributes)) = cookie
                .to_str()
                .ok()
                .map(|text| text.split_once(';').unwrap_or((text, "")))
            else {
                continue;
            };
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            self.cookies.retain(|(kept, _)| kept != name.trim());
            if !attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
    }
}

impl Place {
    /// The page that is open.
    pub(crate) fn page(self) -> Result<Page, Wrong> {
        match self {
            Self::Page(page) => Ok(page),
            Self::Elsewhere(url) => Err(Wrong::from(format!(
                "a page was expected, the browser was sent to {url}"
            ))),
        }
    }

    /// Where the browser was sent.
    pub(crate) fn elsewhere(self) -> Result<Url, Wrong> {
        match self {
            Self::Elsewhere(url) => Ok(url),
            Self::Page(page) => Err(Wrong::from(format!(
                "the browser should have been sent on, but is at {}",
                page.url
            ))),
        }
    }
}

impl Page {
    /// The form that has a control of this name.
    pub(crate) fn form_with(&self, name: &str) -> Result<Form, Wrong> {
        let form = Form::read_all(&self.html)
            .into_iter()
            .find(|form| form.values(name).next().is_some());
        form.ok_or_else(|| Wrong::from(format!("the page {} has no form with {name:?}", self.url)))
    }
}
