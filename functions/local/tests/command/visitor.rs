//! Ada's browser at a `clr serve`, and what it takes to drive it.

use reqwest::{Client, Response, Url, header, redirect::Policy};

/// Ada, signed in and asked for her consent.
pub(crate) struct Visitor {
    cookie: String,
    home: Url,
    /// The page that she sees.
    pub(crate) page: String,
}

impl Visitor {
    /// Opens the address of an authorization request and signs in.
    pub(crate) async fn signed_in(url: Url) -> Self {
        let page = client().get(url.clone()).send().await.unwrap();
        let cookie = page.headers()[header::SET_COOKIE].to_str().unwrap();
        let mut visitor = Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            home: url,
            page: page.text().await.unwrap(),
        };
        let consent = visitor.press(&[("answer", "sign_in"), ("learner", "ada")]).await;
        visitor.page = consent.text().await.unwrap();
        visitor
    }

    /// Allows what is asked, and is sent on.
    pub(crate) async fn allow(&self) -> Url {
        let answer = self.press(&[("answer", "allow")]).await;
        Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap()
    }

    async fn press(&self, pressed: &[(&str, &str)]) -> Response {
        let mut fields = inputs(&self.page);
        fields.retain(|(name, _)| pressed.iter().all(|(pressed, _)| pressed != name));
        fields.extend(
            pressed
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let request = client().post(self.home.join("/oauth/authorize").unwrap()).form(&fields);
        let origin = self.home.origin().ascii_serialization();
        let request = request
            .header(header::COOKIE, &self.cookie)
            .header(header::ORIGIN, origin);
        request.send().await.unwrap()
    }
}

/// The fields that a page's form sends as it is.
fn inputs(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let tags = page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
    tags.filter(|tag| !tag.contains("checkbox") || tag.contains("checked"))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .collect()
}

/// Follows no redirect.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

/// For what runs in threads.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}
