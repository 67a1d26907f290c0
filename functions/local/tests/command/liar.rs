//! A host that lies: it hands everything on to an honest one, and changes what is asked or what is answered.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode, header},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

/// What was asked.
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    headers: HeaderMap,
}

/// What is answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// One way to lie.
#[derive(Clone, Copy)]
pub(crate) enum Lie {
    /// The honest host is asked something else.
    Before(fn(&mut Ask)),
    /// The honest answer is changed.
    After(fn(&Ask, &mut Reply)),
    /// None.
    Never,
}

/// The host, until it is dropped.
pub(crate) struct Liar {
    pub(crate) url: String,
    secrets: Arc<Mutex<Vec<String>>>,
    _ends_with_it: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Between {
    honest: String,
    own: String,
    lie: Lie,
    client: reqwest::Client,
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Liar {
    /// Before the honest host at this URL.
    pub(crate) fn before(honest: &str, lie: Lie) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let redirect = reqwest::redirect::Policy::none();
        let between = Between {
            honest: honest.to_owned(),
            own: url.clone(),
            lie,
            client: reqwest::Client::builder()
                .no_proxy()
                .redirect(redirect)
                .build()
                .unwrap(),
            secrets: Arc::default(),
        };
        let secrets = between.secrets.clone();
        let (end, ended) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                let router = Router::new().fallback(answer).with_state(between);
                tokio::select! {
                    served = axum::serve(listener, router) => served.unwrap(),
                    _ = ended => {}
                }
            });
        });
        Self {
            url,
            secrets,
            _ends_with_it: end,
        }
    }

    /// Every secret that the honest host gave out.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.lock().unwrap().clone()
    }
}

async fn answer(State(between): State<Between>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut ask = Ask {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap(),
        headers: parts.headers,
    };
    if let Lie::Before(change) = between.lie {
        change(&mut ask);
    }
    let mut reply = between.ask(&ask).await;
    between.learn(&reply);
    if let Lie::After(change) = between.lie {
        change(&ask, &mut reply);
    }
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    *response.headers_mut() = reply.headers;
    response
}

impl Between {
    /// The honest answer, as if it were this host's own.
    async fn ask(&self, ask: &Ask) -> Reply {
        let query = if ask.query.is_empty() {
            String::new()
        } else {
            format!("?{}", ask.query)
        };
        let mut headers = ask.headers.clone();
        for name in [header::HOST, header::CONTENT_LENGTH, header::ACCEPT_ENCODING] {
            headers.remove(name);
        }
        if headers.contains_key(header::ORIGIN) {
            headers.insert(header::ORIGIN, self.honest.parse().unwrap());
        }
        let method = ask.method.parse().unwrap();
        let request = self
            .client
            .request(method, format!("{}{}{query}", self.honest, ask.path))
            .headers(headers);
        let response = request.body(ask.body.clone()).send().await.unwrap();
        let (status, given) = (response.status().as_u16(), response.headers().clone());
        let mut headers = HeaderMap::new();
        for (name, value) in &given {
            if ![header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name) {
                let value = value.to_str().unwrap().replace(&self.honest, &self.own);
                headers.append(name, value.parse().unwrap());
            }
        }
        let body: Bytes = response.bytes().await.unwrap();
        let body = String::from_utf8_lossy(&body)
            .replace(&self.honest, &self.own)
            .into_bytes();
        Reply { status, headers, body }
    }

    fn learn(&self, reply: &Reply) {
        let mut secrets = self.secrets.lock().unwrap();
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        for name in [
            "client_secret",
            "access_token",
            "refresh_token",
            "registration_access_token",
        ] {
            secrets.extend(body[name].as_str().map(str::to_owned));
        }
        let location = reply
            .headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let code = location
            .split(['?', '&'])
            .find_map(|parameter| parameter.strip_prefix("code="));
        secrets.extend(code.map(str::to_owned));
    }
}

impl Ask {
    /// Whether it is a page of the list.
    pub(crate) fn is_list(&self) -> bool {
        self.method == "GET" && self.path.ends_with("/credentials")
    }

    /// Whether it is a call of the API.
    pub(crate) fn is_api(&self) -> bool {
        self.path.starts_with("/ims/")
    }

    /// Whether a credential is submitted.
    pub(crate) fn is_upsert(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/credentials")
    }
}

impl Reply {
    /// Another text, in the place of this one.
    pub(crate) fn change_text(&mut self, change: impl FnOnce(String) -> String) {
        let text = String::from_utf8(std::mem::take(&mut self.body)).unwrap();
        self.body = change(text).into_bytes();
    }

    /// Changes a body that is JSON.
    pub(crate) fn change_json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut value) = serde_json::from_slice::<Value>(&self.body) {
            change(&mut value);
            self.body = value.to_string().into_bytes();
        }
    }

    /// Takes a parameter out of a redirect that has another one.
    pub(crate) fn drop_parameter(&mut self, of: &str, name: &str) {
        let Some(location) = self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()) else {
            return;
        };
        let Ok(mut url) = url::Url::parse(location) else { return };
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if pairs.iter().any(|(key, _)| key == of) {
            url.query_pairs_mut()
                .clear()
                .extend_pairs(pairs.iter().filter(|(key, _)| key != name));
            self.headers.insert(header::LOCATION, url.as_str().parse().unwrap());
        }
    }

    /// Adds one to the offset that a relation leads to.
    pub(crate) fn shift_link(&mut self, relation: &str) {
        let Some(links) = self
            .headers
            .get(header::LINK)
            .map(|value| value.to_str().unwrap().to_owned())
        else {
            return;
        };
        let shifted = links.split(", ").map(|link| {
            let (before, rest) = link.split_once("offset=").unwrap();
            let end = rest.find(['&', '>']).unwrap();
            let offset: u64 = rest[..end].parse().unwrap();
            let offset = offset + u64::from(link.ends_with(&format!("rel=\"{relation}\"")));
            format!("{before}offset={offset}{}", &rest[end..])
        });
        let shifted = shifted.collect::<Vec<_>>().join(", ");
        self.headers.insert(header::LINK, shifted.parse().unwrap());
    }
}

/// Takes out what a pointer leads to.
pub(crate) fn drop_member(document: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    if let Some(Value::Object(members)) = document.pointer_mut(parent) {
        members.shift_remove(name);
    }
}
