//! What tokens may cover, and for which API each scope counts.

/// Everything in the Admin API.
pub const FULL_ACCESS: &str = "edfi_admin_api/full_access";

/// Reading in the Admin API.
pub const READONLY: &str = "edfi_admin_api/readonly";

/// The audience of tokens for the data of an instance.
const RESOURCES: &str = "edfi_ods_api";

/// What the scope of an application begins with; the name of its claim set follows.
const CLAIM_SET: &str = "claimset:";

/// The scopes a client can have, each with the audience it counts for.
pub const KNOWN: &[(&str, &str)] = &[
    (FULL_ACCESS, "edfi_admin_api"),
    (READONLY, "edfi_admin_api"),
    ("licence.read", "licences"),
    ("subjects.read", "subjects"),
];

/// The scope of an application with this claim set. Scopes are separated by spaces (RFC 6749,
/// section 3.3), so whatever cannot stand in one is percent-encoded.
pub fn of_claim_set(name: &str) -> String {
    let mut scope = CLAIM_SET.to_owned();
    for byte in name.bytes() {
        // RFC 6749, section 3.3: printable ASCII but the space, `"` and `\`; `%` is ours.
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'%') {
            scope.push(char::from(byte));
        } else {
            scope.push_str(&format!("%{byte:02X}"));
        }
    }
    scope
}

/// The scopes in a text, in its order, each once.
pub fn parse(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split_ascii_whitespace() {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// The first scope that no client can have.
pub fn unknown(scopes: &[String]) -> Option<&str> {
    let known = |scope: &&String| KNOWN.iter().any(|(known, _)| known == *scope);
    scopes
        .iter()
        .find(|scope| !known(scope))
        .map(String::as_str)
}

/// The audiences that these scopes count for, each once.
pub fn audiences(scopes: &[String]) -> Vec<String> {
    let mut audiences: Vec<String> = Vec::new();
    for scope in scopes {
        let known = KNOWN.iter().find(|(known, _)| known == scope);
        let audience = known.map_or(RESOURCES, |(_, audience)| audience);
        if !audiences.iter().any(|known| known == audience) {
            audiences.push(audience.to_owned());
        }
    }
    audiences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_set_becomes_one_scope() {
        assert_eq!(of_claim_set("SIS Vendor"), "claimset:SIS%20Vendor");
        assert_eq!(of_claim_set("a\"b\\c%d"), "claimset:a%22b%5Cc%25d");
        assert_eq!(of_claim_set("Schüler"), "claimset:Sch%C3%BCler");
    }

    #[test]
    fn audiences_follow_the_scopes() {
        let scopes = parse("  licence.read edfi_admin_api/readonly licence.read ");
        assert_eq!(scopes, ["licence.read", "edfi_admin_api/readonly"]);
        assert_eq!(audiences(&scopes), ["licences", "edfi_admin_api"]);
        assert_eq!(audiences(&[of_claim_set("X")]), ["edfi_ods_api"]);
        assert_eq!(unknown(&scopes), None);
        assert_eq!(unknown(&[of_claim_set("X")]), Some("claimset:X"));
    }
}
