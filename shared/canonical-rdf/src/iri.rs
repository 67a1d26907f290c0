//! IRI references, RFC 3986 section 5 (RFC 3987 section 6.5 for characters beyond ASCII).

/// Whether a reference begins with a scheme, and so needs no base.
pub(crate) fn has_scheme(reference: &str) -> bool {
    split_scheme(reference).is_some()
}

/// Whether there is no second `#`: a fragment may not hold one.
pub(crate) fn has_one_fragment(reference: &str) -> bool {
    reference.bytes().filter(|byte| *byte == b'#').nth(1).is_none()
}

/// The scheme and what follows its colon.
fn split_scheme(reference: &str) -> Option<(&str, &str)> {
    let colon = reference.bytes().position(|byte| byte == b':')?;
    let scheme = &reference.as_bytes()[..colon];
    let (first, others) = scheme.split_first()?;
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    (first.is_ascii_alphabetic() && others.iter().all(legal)).then(|| (&reference[..colon], &reference[colon + 1..]))
}

/// The five components of section 3.
#[derive(Clone, Copy)]
struct Components<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Components<'a> {
    fn new(reference: &'a str) -> Self {
        let (scheme, rest) = match split_scheme(reference) {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, reference),
        };
        let (rest, fragment) = split_off(rest, '#');
        let (rest, query) = split_off(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        Self {
            scheme,
            authority,
            path,
            query,
            fragment,
        }
    }

    /// Section 5.3.
    fn recompose(&self, path: &str) -> String {
        let mut iri = String::new();
        if let Some(scheme) = self.scheme {
            iri.push_str(scheme);
            iri.push(':');
        }
        if let Some(authority) = self.authority {
            iri.push_str("//");
            iri.push_str(authority);
        }
        iri.push_str(path);
        if let Some(query) = self.query {
            iri.push('?');
            iri.push_str(query);
        }
        if let Some(fragment) = self.fragment {
            iri.push('#');
            iri.push_str(fragment);
        }
        iri
    }
}

fn split_off(text: &str, delimiter: char) -> (&str, Option<&str>) {
    match text.split_once(delimiter) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Resolves a reference against an absolute base (section 5.2).
pub(crate) fn resolve(base: &str, reference: &str) -> String {
    let relative = Components::new(reference);
    let base = Components::new(base);
    if relative.scheme.is_some() {
        return relative.recompose(&remove_dot_segments(relative.path));
    }
    let mut target = Components {
        scheme: base.scheme,
        ..relative
    };
    if relative.authority.is_some() {
        return target.recompose(&remove_dot_segments(relative.path));
    }
    target.authority = base.authority;
    if relative.path.is_empty() {
        target.query = relative.query.or(base.query);
        return target.recompose(base.path);
    }
    let path = if relative.path.starts_with('/') {
        remove_dot_segments(relative.path)
    } else {
        remove_dot_segments(&merge(&base, relative.path))
    };
    target.recompose(&path)
}

/// Section 5.2.3.
fn merge(base: &Components<'_>, path: &str) -> String {
    if base.authority.is_some() && base.path.is_empty() {
        return format!("/{path}");
    }
    let directory = base.path.rfind('/').map_or("", |slash| &base.path[..=slash]);
    format!("{directory}{path}")
}

/// Section 5.2.4.
fn remove_dot_segments(path: &str) -> String {
    let mut input = path;
    let mut output = String::with_capacity(path.len());
    while !input.is_empty() {
        if let Some(rest) = input.strip_prefix("../").or_else(|| input.strip_prefix("./")) {
            input = rest;
        } else if input.starts_with("/./") || input == "/." {
            input = if input == "/." { "/" } else { &input[2..] };
        } else if input.starts_with("/../") || input == "/.." {
            input = if input == "/.." { "/" } else { &input[3..] };
            output.truncate(output.rfind('/').unwrap_or(0));
        } else if input == "." || input == ".." {
            input = "";
        } else {
            let slash = input.bytes().skip(1).position(|byte| byte == b'/');
            let end = slash.map_or(input.len(), |slash| slash + 1);
            output.push_str(&input[..end]);
            input = &input[end..];
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_3986_resolve_as_it_says() {
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("é/../ü", "http://a/b/c/ü"),
        ] {
            assert_eq!(resolve("http://a/b/c/d;p?q", reference), expected, "{reference}");
        }
        assert_eq!(resolve("http://a", "g"), "http://a/g");
        assert_eq!(resolve("urn:a:b", "c"), "urn:c");
    }

    #[test]
    fn a_scheme_begins_with_a_letter() {
        for iri in ["urn:x", "a+b-c.1:", "http://x"] {
            assert!(has_scheme(iri), "{iri}");
        }
        for reference in ["", ":x", "1:x", "a/b:c", "x", "é:x", "_:x"] {
            assert!(!has_scheme(reference), "{reference}");
        }
    }
}
