//! The forms of an HTML page, read the way a browser reads them: enough for pages whose markup is well formed.

/// One form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it goes, as written; empty: to the page's own URL.
    pub(crate) action: String,
    /// Whether it is posted.
    pub(crate) posts: bool,
    controls: Vec<Control>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Control {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Goes with the form as it is: hidden, text with its value, what is checked or selected.
    Sent,
    /// Text that the person types.
    Typed,
    /// A radio button, check box or option that is not chosen.
    Offered,
    /// A button that submits the form.
    Button,
}

/// The page lacks what the person wants to press.
#[derive(Debug, thiserror::Error)]
#[error("the page has no button {0:?}")]
pub(crate) struct NotOnPage(String);

impl Form {
    /// All forms of a page.
    pub(crate) fn read_all(html: &str) -> Vec<Self> {
        let mut forms = Vec::new();
        let mut open: Option<Self> = None;
        let mut select = String::new();
        for tag in tags(html) {
            match (tag.name.as_str(), &mut open) {
                ("form", _) => {
                    let posts = tag
                        .attribute("method")
                        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
                    let action = tag.attribute("action").unwrap_or_default().to_owned();
                    forms.extend(open.replace(Self {
                        action,
                        posts,
                        controls: Vec::new(),
                    }));
                }
                ("/form", _) => forms.extend(open.take()),
                ("select", Some(_)) => select = tag.attribute("name").unwrap_or_default().to_owned(),
                ("option", Some(form)) => {
                    let kind = if tag.has("selected") { Kind::Sent } else { Kind::Offered };
                    form.add(&select, tag.attribute("value"), kind);
                }
                ("input" | "button" | "textarea", Some(form)) if !tag.has("disabled") => {
                    form.add(
                        tag.attribute("name").unwrap_or_default(),
                        tag.attribute("value"),
                        tag.kind(),
                    );
                }
                _ => {}
            }
        }
        forms.extend(open);
        forms
    }

    /// What is sent when this button is pressed.
    pub(crate) fn press(&self, name: &str, value: &str) -> Result<Vec<(String, String)>, NotOnPage> {
        let pressed =
            |control: &&Control| control.kind == Kind::Button && control.name == name && control.value == value;
        let Some(button) = self.controls.iter().find(pressed) else {
            return Err(NotOnPage(format!("{name}={value}")));
        };
        let sent = |control: &&Control| matches!(control.kind, Kind::Sent | Kind::Typed) && !control.name.is_empty();
        let mut fields: Vec<_> = self.controls.iter().filter(sent).map(Control::pair).collect();
        if !button.name.is_empty() {
            fields.push(button.pair());
        }
        Ok(fields)
    }

    /// The values that a choice or a set of buttons of this name has.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.controls
            .iter()
            .filter(move |control| control.name == name)
            .map(|control| control.value.as_str())
    }

    fn add(&mut self, name: &str, value: Option<&str>, kind: Kind) {
        let value = value.unwrap_or(if kind == Kind::Offered { "on" } else { "" });
        self.controls.push(Control {
            name: name.to_owned(),
            value: value.to_owned(),
            kind,
        });
    }
}

impl Control {
    fn pair(&self) -> (String, String) {
        (self.name.clone(), self.value.clone())
    }
}

#[derive(Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    fn kind(&self) -> Kind {
        let default = if self.name == "button" { "submit" } else { "text" };
        match self.attribute("type").unwrap_or(default) {
            "submit" => Kind::Button,
            "radio" | "checkbox" if !self.has("checked") => Kind::Offered,
            "hidden" | "radio" | "checkbox" => Kind::Sent,
            _ => Kind::Typed,
        }
    }
}

/// The tags of a page in order, closing ones with their slash; comments and text are passed over.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name_end = rest.find(|character: char| character.is_whitespace() || character == '>');
        let Some(name_end) = name_end else { break };
        let name = rest[..name_end].trim_end_matches('/').to_ascii_lowercase();
        let (attributes, after) = attributes(&rest[name_end..]);
        rest = after;
        tags.push(Tag { name, attributes });
    }
    tags
}

/// Attributes up to `>`, and what follows it.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, after);
        }
        let end = rest.find(|character: char| character.is_whitespace() || matches!(character, '=' | '>' | '/'));
        let Some(end) = end.filter(|end| *end > 0) else {
            return (attributes, "");
        };
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let (from, found) = match quote {
                Some(quote) => (1, after[1..].find(quote).map(|end| end + 1)),
                None => (
                    0,
                    after.find(|character: char| character.is_whitespace() || character == '>'),
                ),
            };
            let Some(to) = found else { return (attributes, "") };
            value = &after[from..to];
            rest = &after[to + from..];
        }
        attributes.push((name, unescape(value)));
    }
}

fn unescape(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    // `&amp;` comes last: what it frees is text.
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, character)| {
        text.replace(entity, character)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSENT: &str = r#"<!DOCTYPE html><html><!-- <form action="/trap"> --><body>
        <form method="post" action="/oauth/authorize?a=1&amp;b=2">
          <input type="hidden" name="csrf" value="&quot;&amp;amp;">
          <input type=checkbox name="scope" value="read" checked><input type="checkbox" name="scope" value="write"/>
          <select name="learner"><option value="ada">Ada</option><option value="kim" selected>Kim</option></select>
          <input name="note" value=""><input name="gone" value="1" disabled>
          <button name="decision" value="allow">Allow</button><button name="decision" value='deny'>Deny</button>
        </form><form><button>Search</button></form></body></html>"#;

    fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn a_pressed_button_sends_what_a_browser_would_send() {
        let forms = Form::read_all(CONSENT);
        assert_eq!(forms.len(), 2);
        assert_eq!(forms[0].action, "/oauth/authorize?a=1&b=2");
        assert!(forms[0].posts && !forms[1].posts);
        let sent = forms[0].press("decision", "allow").unwrap();
        let expected = [
            ("csrf", "\"&amp;"),
            ("scope", "read"),
            ("learner", "kim"),
            ("note", ""),
            ("decision", "allow"),
        ];
        assert_eq!(pairs(&sent), expected);
        assert_eq!(forms[1].press("", "").unwrap(), []);
    }

    #[test]
    fn only_a_button_of_the_page_can_be_pressed() {
        let form = Form::read_all(CONSENT).remove(0);
        assert!(form.press("decision", "maybe").is_err());
        assert!(form.press("learner", "kim").is_err());
        assert_eq!(form.values("decision").collect::<Vec<_>>(), ["allow", "deny"]);
    }
}
