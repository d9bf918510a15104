//! HTTP as the models of the banks see it: whole requests in, whole answers out.

use std::net::IpAddr;

/// One HTTP request as it reached the bank.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, capital letters.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// The header Authorization.
    pub authorization: Option<&'a str>,
    /// The header Content-Type.
    pub content_type: Option<&'a str>,
    /// The whole body.
    pub body: &'a [u8],
    /// Who called; `None` is nobody on the list of allowed addresses.
    pub peer: Option<IpAddr>,
}

/// One HTTP answer of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The header Content-Type.
    pub content_type: &'static str,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// The front end's page for an address that is not on the list: HTML, not the bank's JSON.
    pub(crate) fn forbidden() -> Self {
        Self::page(403, "403 Forbidden")
    }

    pub(crate) fn not_found() -> Self {
        Self::page(404, "404 Not Found")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::page(405, "405 Not Allowed")
    }

    fn page(status: u16, title: &str) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
             <center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n\
             </body>\r\n</html>\r\n"
        );
        Self { status, content_type: "text/html", body: body.into_bytes() }
    }
}
