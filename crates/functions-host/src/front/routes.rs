//! Which HTTP function a request is for.

use http::Method;

use crate::app::HttpFunction;

/// The app's HTTP functions under their common prefix.
#[derive(Debug)]
pub(crate) struct Routes {
    prefix: String,
    /// The more precise ones first.
    functions: Vec<HttpRoute>,
}

/// An HTTP function and its route.
#[derive(Debug)]
pub(crate) struct HttpRoute {
    pub(crate) name: String,
    pub(crate) function: HttpFunction,
}

impl Routes {
    /// The prefix has no slashes around it; empty, functions lie at the root.
    pub(crate) fn new(prefix: String, mut functions: Vec<HttpRoute>) -> Self {
        functions.sort_by(|one, other| one.function.route.precedence(&other.function.route));
        Self { prefix, functions }
    }

    /// A method that does not fit leaves the request to the next route, and at last to 404.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<&HttpRoute> {
        let path = self.below_prefix(path)?;
        self.functions
            .iter()
            .find(|route| route.answers(method, path))
    }

    fn below_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = path.strip_prefix('/')?;
        if self.prefix.is_empty() {
            return Some(path);
        }
        let (prefix, rest) = path.split_at_checked(self.prefix.len())?;
        let is_whole = rest.is_empty() || rest.starts_with('/');
        (prefix.eq_ignore_ascii_case(&self.prefix) && is_whole).then_some(rest)
    }
}

impl HttpRoute {
    fn answers(&self, method: &Method, path: &str) -> bool {
        let methods = &self.function.methods;
        (methods.is_empty() || methods.contains(method)) && self.function.route.matches(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RouteTemplate;
    use super::*;

    fn route(name: &str, template: &str, methods: &[Method]) -> HttpRoute {
        let function = HttpFunction {
            route: RouteTemplate::parse(template).unwrap(),
            methods: methods.to_vec(),
        };
        HttpRoute {
            name: name.to_owned(),
            function,
        }
    }

    #[test]
    fn e16_the_more_precise_route_wins_if_its_methods_fit() {
        let routes = Routes::new(
            "api".to_owned(),
            vec![
                route("rest", "v1/{*path}", &[]),
                route("one", "v1/{name}", &[Method::GET]),
                route("health", "v1/health", &[Method::GET]),
            ],
        );
        for (method, path, expected) in [
            (Method::GET, "/api/v1/health", Some("health")),
            (Method::GET, "/API/v1/other", Some("one")),
            (Method::POST, "/api/v1/health", Some("rest")),
            (Method::GET, "/apiv1/health", None),
        ] {
            let found = routes.find(&method, path).map(|route| route.name.as_str());
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
