//! One call as it is sent: what, where to, signed by whom, and whether it may be repeated.

use azure_core::http::{Method, Request, response::AsyncResponseBody};
use bytes::Bytes;
use futures::StreamExt as _;
use url::Url;

use crate::{
    error::{Error, Result},
    reply::Cut,
};

/// JSON answers longer than this are refused.
const LONGEST_BODY: usize = 16 << 20;

/// What may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes nothing: tried again on transient errors.
    Read,
    /// Sent once.
    Write,
}

/// Who signs.
#[derive(Clone, Copy)]
pub(crate) enum Auth<'a> {
    None,
    Scope(&'static str),
    /// Another identity of the app's: a bot has its own.
    Application {
        client_id: &'a str,
        scope: &'static str,
    },
    Bearer(&'a str),
}

/// One call, ready to be sent.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) auth: Auth<'a>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
    /// Longer bodies are cut; [`Reply::json`] refuses those.
    pub(crate) longest_body: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn get(operation: &'static str, url: Url, auth: Auth<'a>) -> Call<'a> {
        let headers = vec![("accept", "application/json".to_owned())];
        Call {
            operation,
            kind: Kind::Read,
            method: Method::Get,
            url,
            auth,
            headers,
            body: None,
            longest_body: LONGEST_BODY,
        }
    }

    /// A write with a JSON body.
    pub(crate) fn write(
        operation: &'static str,
        method: Method,
        url: Url,
        auth: Auth<'a>,
        body: Bytes,
    ) -> Call<'a> {
        let mut call = Call::get(operation, url, auth);
        call.kind = Kind::Write;
        call.method = method;
        call.body = Some(body);
        call.headers
            .push(("content-type", "application/json".to_owned()));
        call
    }

    pub(crate) fn request(&self) -> Request {
        let mut request = Request::new(self.url.clone(), self.method);
        for (name, value) in &self.headers {
            request.insert_header(*name, value.clone());
        }
        if let Some(body) = &self.body {
            request.set_body(body.clone());
        }
        request
    }
}

impl Call<'_> {
    /// The body, as far as it may be long.
    pub(crate) async fn read(&self, mut body: AsyncResponseBody) -> Result<(Bytes, Cut)> {
        let mut read = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| Error::from_sdk(self.operation, &error))?;
            let room = self.longest_body - read.len();
            if chunk.len() > room {
                read.extend_from_slice(&chunk[..room]);
                return Ok((read.into(), Cut::Truncated));
            }
            read.extend_from_slice(&chunk);
        }
        Ok((read.into(), Cut::Whole))
    }
}
