//! Where in a message a value travels, and so which way.

/// Where a value of a schema travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which part of the message.
    pub spot: Spot,
    /// Whether it is a webhook's or callback's, where the server sends the request.
    pub outgoing: bool,
}

/// Which part of a message a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// A parameter as a whole.
    Parameter,
    /// What is inside of a parameter.
    ParameterProperty,
    /// A request body as a whole.
    RequestBody,
    /// What is inside of a request body.
    RequestProperty,
    /// A response body as a whole.
    ResponseBody,
    /// What is inside of a response body.
    ResponseProperty,
    /// A response header.
    ResponseHeader,
}

impl Spot {
    /// All of them, requests first.
    pub const ALL: [Spot; 7] = [
        Spot::Parameter,
        Spot::ParameterProperty,
        Spot::RequestBody,
        Spot::RequestProperty,
        Spot::ResponseBody,
        Spot::ResponseProperty,
        Spot::ResponseHeader,
    ];

    pub(super) fn id(self) -> &'static str {
        match self {
            Spot::Parameter => "parameter",
            Spot::ParameterProperty => "parameter-property",
            Spot::RequestBody => "request-body",
            Spot::RequestProperty => "request-property",
            Spot::ResponseBody => "response-body",
            Spot::ResponseProperty => "response-property",
            Spot::ResponseHeader => "response-header",
        }
    }

    fn is_request(self) -> bool {
        !matches!(
            self,
            Spot::ResponseBody | Spot::ResponseProperty | Spot::ResponseHeader
        )
    }
}

impl Place {
    /// What stands inside of a value at this place.
    pub(super) fn inside(self) -> Place {
        let spot = match self.spot {
            Spot::Parameter => Spot::ParameterProperty,
            Spot::RequestBody => Spot::RequestProperty,
            Spot::ResponseBody => Spot::ResponseProperty,
            inner => inner,
        };
        Place { spot, ..self }
    }

    /// Whether the value stands in a request, which `readOnly` properties do not.
    pub(super) fn in_request(self) -> bool {
        self.spot.is_request()
    }

    /// Whether values are written as text there, so that a number is a string too.
    pub(super) fn is_text(self) -> bool {
        matches!(self.spot, Spot::Parameter | Spot::ResponseHeader)
    }

    /// Whether the client sends the value.
    pub(super) fn is_sent_by_client(self) -> bool {
        self.spot.is_request() != self.outgoing
    }
}
