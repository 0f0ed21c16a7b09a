//! Every rule by which differences are told apart: what may differ, and what it means.
//!
//! A change of a schema means one thing where clients send the value and another where they
//! receive it: a request that allows less refuses what was fine before, a response that allows
//! more surprises who reads it. So each [`Change`] has two classes, and a [`Rule`] is a change at a
//! [`Place`]. What is no schema has rules of its own, [`Part`].

use super::class::Class::{self, Breaking, Compatible, Documentation};
pub use super::places::{Place, Spot};
use std::fmt;

/// Declares an enum of rules with their names, classes and meanings.
macro_rules! table {
    ($(#[$about:meta])* $name:ident: $($variant:ident $id:literal $client:ident $server:ident $meaning:literal;)*) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// A stable name in kebab case.
            pub fn id(self) -> &'static str {
                match self { $($name::$variant => $id,)* }
            }

            /// What it says.
            pub fn meaning(self) -> &'static str {
                match self { $($name::$variant => $meaning,)* }
            }

            /// What it means where the client sends, and where the server does.
            fn classes(self) -> (Class, Class) {
                match self { $($name::$variant => ($client, $server),)* }
            }
        }
    };
}

table! {
    /// What may differ between two schemas.
    ///
    /// The columns of the table: the name, the class where the client sends the value, the class
    /// where the server does, what happened.
    Change:
    NothingAllowed "nothing-allowed" Breaking Compatible "no value is allowed any more";
    SomethingAllowed "something-allowed" Compatible Breaking "values are allowed where none was";

    TypeNarrowed "type-narrowed" Breaking Compatible "`type` allows fewer types";
    TypeWidened "type-widened" Compatible Breaking "`type` allows more types";
    TypeChanged "type-changed" Breaking Breaking "`type` is another one";
    NullRefused "null-refused" Breaking Compatible "`null` is not allowed any more";
    NullAllowed "null-allowed" Compatible Breaking "`null` is allowed";
    FormatSet "format-set" Breaking Compatible "a `format` is asked for";
    FormatUnset "format-unset" Compatible Breaking "no `format` is asked for any more";
    FormatNarrowed "format-narrowed" Breaking Compatible "`format` allows fewer values";
    FormatWidened "format-widened" Compatible Breaking "`format` allows more values";
    FormatChanged "format-changed" Breaking Breaking "`format` is another one";

    EnumSet "enum-set" Breaking Compatible "only listed values are allowed";
    EnumUnset "enum-unset" Compatible Breaking "other values than the listed ones are allowed";
    EnumValueAdded "enum-value-added" Compatible Breaking "`enum` has a further value";
    EnumValueRemoved "enum-value-removed" Breaking Compatible "`enum` lacks a value";
    ConstSet "const-set" Breaking Compatible "only one value is allowed";
    ConstUnset "const-unset" Compatible Breaking "other values than one are allowed";
    ConstChanged "const-changed" Breaking Breaking "the only value is another one";
    DefaultSet "default-set" Compatible Documentation "an absent value has a default";
    DefaultUnset "default-unset" Breaking Documentation "an absent value has no default any more";
    DefaultChanged "default-changed" Breaking Documentation "the default is another one";

    MinimumSet "minimum-set" Breaking Compatible "`minimum` is set";
    MinimumUnset "minimum-unset" Compatible Breaking "`minimum` is gone";
    MinimumRaised "minimum-raised" Breaking Compatible "`minimum` is higher";
    MinimumLowered "minimum-lowered" Compatible Breaking "`minimum` is lower";
    MaximumSet "maximum-set" Breaking Compatible "`maximum` is set";
    MaximumUnset "maximum-unset" Compatible Breaking "`maximum` is gone";
    MaximumRaised "maximum-raised" Compatible Breaking "`maximum` is higher";
    MaximumLowered "maximum-lowered" Breaking Compatible "`maximum` is lower";
    ExclusiveMinimumSet "exclusive-minimum-set" Breaking Compatible "`exclusiveMinimum` is set";
    ExclusiveMinimumUnset "exclusive-minimum-unset" Compatible Breaking "`exclusiveMinimum` is gone";
    ExclusiveMinimumRaised "exclusive-minimum-raised" Breaking Compatible "`exclusiveMinimum` is higher";
    ExclusiveMinimumLowered "exclusive-minimum-lowered" Compatible Breaking "`exclusiveMinimum` is lower";
    ExclusiveMaximumSet "exclusive-maximum-set" Breaking Compatible "`exclusiveMaximum` is set";
    ExclusiveMaximumUnset "exclusive-maximum-unset" Compatible Breaking "`exclusiveMaximum` is gone";
    ExclusiveMaximumRaised "exclusive-maximum-raised" Compatible Breaking "`exclusiveMaximum` is higher";
    ExclusiveMaximumLowered "exclusive-maximum-lowered" Breaking Compatible "`exclusiveMaximum` is lower";
    MultipleOfSet "multiple-of-set" Breaking Compatible "`multipleOf` is set";
    MultipleOfUnset "multiple-of-unset" Compatible Breaking "`multipleOf` is gone";
    MultipleOfNarrowed "multiple-of-narrowed" Breaking Compatible "`multipleOf` is a multiple of what it was";
    MultipleOfWidened "multiple-of-widened" Compatible Breaking "`multipleOf` divides what it was";
    MultipleOfChanged "multiple-of-changed" Breaking Breaking "`multipleOf` is another one";

    MinLengthSet "min-length-set" Breaking Compatible "`minLength` is set";
    MinLengthUnset "min-length-unset" Compatible Breaking "`minLength` is gone";
    MinLengthRaised "min-length-raised" Breaking Compatible "`minLength` is higher";
    MinLengthLowered "min-length-lowered" Compatible Breaking "`minLength` is lower";
    MaxLengthSet "max-length-set" Breaking Compatible "`maxLength` is set";
    MaxLengthUnset "max-length-unset" Compatible Breaking "`maxLength` is gone";
    MaxLengthRaised "max-length-raised" Compatible Breaking "`maxLength` is higher";
    MaxLengthLowered "max-length-lowered" Breaking Compatible "`maxLength` is lower";
    PatternSet "pattern-set" Breaking Compatible "a `pattern` is asked for";
    PatternUnset "pattern-unset" Compatible Breaking "no `pattern` is asked for any more";
    PatternNarrowed "pattern-narrowed" Breaking Compatible "`pattern` allows fewer texts";
    PatternWidened "pattern-widened" Compatible Breaking "`pattern` allows more texts";
    PatternChanged "pattern-changed" Breaking Breaking "`pattern` is another one";
    ContentEncodingChanged "content-encoding-changed" Breaking Breaking "`contentEncoding` is another one";
    ContentMediaTypeChanged "content-media-type-changed" Breaking Breaking "`contentMediaType` is another one";
    ContentSchemaSet "content-schema-set" Breaking Compatible "what a text holds has to fit a schema";
    ContentSchemaUnset "content-schema-unset" Compatible Breaking "what a text holds may be anything";

    MinItemsSet "min-items-set" Breaking Compatible "`minItems` is set";
    MinItemsUnset "min-items-unset" Compatible Breaking "`minItems` is gone";
    MinItemsRaised "min-items-raised" Breaking Compatible "`minItems` is higher";
    MinItemsLowered "min-items-lowered" Compatible Breaking "`minItems` is lower";
    MaxItemsSet "max-items-set" Breaking Compatible "`maxItems` is set";
    MaxItemsUnset "max-items-unset" Compatible Breaking "`maxItems` is gone";
    MaxItemsRaised "max-items-raised" Compatible Breaking "`maxItems` is higher";
    MaxItemsLowered "max-items-lowered" Breaking Compatible "`maxItems` is lower";
    UniqueItemsSet "unique-items-set" Breaking Compatible "items have to differ";
    UniqueItemsUnset "unique-items-unset" Compatible Breaking "items may repeat";
    ItemsSet "items-set" Breaking Compatible "items have to fit a schema";
    ItemsUnset "items-unset" Compatible Breaking "items may be anything";
    PrefixItemSet "prefix-item-set" Breaking Compatible "an item at a position has to fit a schema";
    PrefixItemUnset "prefix-item-unset" Compatible Breaking "an item at a position has no schema of its own";
    ContainsSet "contains-set" Breaking Compatible "`contains` is asked for";
    ContainsUnset "contains-unset" Compatible Breaking "`contains` is not asked for any more";
    MinContainsRaised "min-contains-raised" Breaking Compatible "`minContains` is higher";
    MinContainsLowered "min-contains-lowered" Compatible Breaking "`minContains` is lower";
    MaxContainsSet "max-contains-set" Breaking Compatible "`maxContains` is set";
    MaxContainsUnset "max-contains-unset" Compatible Breaking "`maxContains` is gone";
    MaxContainsRaised "max-contains-raised" Compatible Breaking "`maxContains` is higher";
    MaxContainsLowered "max-contains-lowered" Breaking Compatible "`maxContains` is lower";
    UnevaluatedItemsSet "unevaluated-items-set" Breaking Compatible "`unevaluatedItems` is set";
    UnevaluatedItemsUnset "unevaluated-items-unset" Compatible Breaking "`unevaluatedItems` is gone";

    RequiredPropertyAdded "required-property-added" Breaking Compatible "a new property is required";
    OptionalPropertyAdded "optional-property-added" Compatible Compatible "a new property is optional";
    PropertyAddedToClosed "property-added-to-closed" Compatible Breaking "an object that named all its properties has a new one";
    RequiredPropertyRemoved "required-property-removed" Breaking Breaking "a required property is gone";
    OptionalPropertyRemoved "optional-property-removed" Breaking Compatible "an optional property is gone";
    BecameRequired "property-became-required" Breaking Compatible "a property is required";
    BecameOptional "property-became-optional" Compatible Breaking "a property is not required any more";
    BecameReadOnly "became-read-only" Breaking Documentation "a property belongs to responses alone";
    NoLongerReadOnlyOptional "no-longer-read-only-optional" Compatible Documentation "a property of responses may be sent too";
    NoLongerReadOnlyRequired "no-longer-read-only-required" Breaking Documentation "a property of responses has to be sent too";
    BecameWriteOnlyOptional "became-write-only-optional" Documentation Compatible "an optional property belongs to requests alone";
    BecameWriteOnlyRequired "became-write-only-required" Documentation Breaking "a required property belongs to requests alone";
    NoLongerWriteOnly "no-longer-write-only" Documentation Compatible "a property of requests is answered too";
    AdditionalPropertiesRefused "additional-properties-refused" Breaking Compatible "properties that are not named are refused";
    AdditionalPropertiesAllowed "additional-properties-allowed" Compatible Breaking "properties that are not named are allowed";
    AdditionalPropertiesSet "additional-properties-set" Breaking Compatible "properties that are not named have to fit a schema";
    AdditionalPropertiesUnset "additional-properties-unset" Compatible Breaking "properties that are not named may be anything";
    PatternPropertySet "pattern-property-set" Breaking Compatible "properties of a pattern have to fit a schema";
    PatternPropertyUnset "pattern-property-unset" Compatible Breaking "properties of a pattern have no schema of their own";
    PropertyNamesSet "property-names-set" Breaking Compatible "names of properties have to fit a schema";
    PropertyNamesUnset "property-names-unset" Compatible Breaking "names of properties may be anything";
    MinPropertiesSet "min-properties-set" Breaking Compatible "`minProperties` is set";
    MinPropertiesUnset "min-properties-unset" Compatible Breaking "`minProperties` is gone";
    MinPropertiesRaised "min-properties-raised" Breaking Compatible "`minProperties` is higher";
    MinPropertiesLowered "min-properties-lowered" Compatible Breaking "`minProperties` is lower";
    MaxPropertiesSet "max-properties-set" Breaking Compatible "`maxProperties` is set";
    MaxPropertiesUnset "max-properties-unset" Compatible Breaking "`maxProperties` is gone";
    MaxPropertiesRaised "max-properties-raised" Compatible Breaking "`maxProperties` is higher";
    MaxPropertiesLowered "max-properties-lowered" Breaking Compatible "`maxProperties` is lower";
    DependentRequiredSet "dependent-required-set" Breaking Compatible "a property asks for another one";
    DependentRequiredUnset "dependent-required-unset" Compatible Breaking "a property does not ask for another one any more";
    DependentSchemaSet "dependent-schema-set" Breaking Compatible "a property asks for a schema";
    DependentSchemaUnset "dependent-schema-unset" Compatible Breaking "a property does not ask for a schema any more";
    UnevaluatedPropertiesSet "unevaluated-properties-set" Breaking Compatible "`unevaluatedProperties` is set";
    UnevaluatedPropertiesUnset "unevaluated-properties-unset" Compatible Breaking "`unevaluatedProperties` is gone";

    ChoiceSet "choice-set" Breaking Compatible "a `oneOf` or `anyOf` is asked for";
    ChoiceUnset "choice-unset" Compatible Breaking "no `oneOf` or `anyOf` is asked for any more";
    WrappedInChoice "wrapped-in-choice" Compatible Breaking "what was the only schema is one of several";
    UnwrappedFromChoice "unwrapped-from-choice" Breaking Compatible "one of several schemas is the only one";
    WrappedInOverlappingChoice "wrapped-in-overlapping-choice" Breaking Breaking "what was the only schema is one of several in a `oneOf`, and another one may fit the same";
    UnwrappedFromOverlappingChoice "unwrapped-from-overlapping-choice" Breaking Breaking "one of several schemas in a `oneOf` is the only one, and another one may have fitted the same";
    BranchAdded "branch-added" Compatible Breaking "a `oneOf` or `anyOf` has a further branch";
    BranchRemoved "branch-removed" Breaking Compatible "a `oneOf` or `anyOf` lacks a branch";
    BranchAddedOverlapping "branch-added-overlapping" Breaking Breaking "a `oneOf` has a further branch that may fit what another one fits";
    BranchRemovedOverlapping "branch-removed-overlapping" Breaking Breaking "a `oneOf` lacks a branch that may have fitted what another one fits";
    ChoiceLoosened "choice-loosened" Compatible Breaking "`oneOf` is `anyOf`: several branches may fit";
    ChoiceTightened "choice-tightened" Breaking Compatible "`anyOf` is `oneOf`: only one branch may fit";
    NotSet "not-set" Breaking Compatible "a `not` refuses values";
    NotUnset "not-unset" Compatible Breaking "a `not` is gone";
    NotChanged "not-changed" Breaking Breaking "a `not` refuses other values";
    ConditionSet "condition-set" Breaking Compatible "an `if` asks for more";
    ConditionUnset "condition-unset" Compatible Breaking "an `if` is gone";
    ConditionChanged "condition-changed" Breaking Breaking "an `if` asks for something else";
    ThenSet "then-set" Breaking Compatible "an `if` has a `then`";
    ThenUnset "then-unset" Compatible Breaking "an `if` has no `then` any more";
    ElseSet "else-set" Breaking Compatible "an `if` has an `else`";
    ElseUnset "else-unset" Compatible Breaking "an `if` has no `else` any more";
    DiscriminatorSet "discriminator-set" Breaking Compatible "a property decides the branch";
    DiscriminatorUnset "discriminator-unset" Compatible Breaking "no property decides the branch any more";
    DiscriminatorPropertyChanged "discriminator-property-changed" Breaking Breaking "another property decides the branch";
    DiscriminatorValueAdded "discriminator-value-added" Compatible Breaking "the deciding property has a further value";
    DiscriminatorValueRemoved "discriminator-value-removed" Breaking Compatible "the deciding property lacks a value";
    DiscriminatorValueChanged "discriminator-value-changed" Breaking Breaking "a value decides for another branch";

    SchemaDeprecated "schema-deprecated" Documentation Documentation "a value is deprecated";
    SchemaReactivated "schema-reactivated" Documentation Documentation "a value is not deprecated any more";
}

table! {
    /// What may differ between two contracts outside of their schemas.
    ///
    /// The second class is the one in a webhook or callback, where the server sends the request
    /// and the client answers.
    Part:
    TitleChanged "api.title-changed" Documentation Documentation "the API has another title";
    VersionChanged "api.version-changed" Documentation Documentation "`info.version` is another one";
    VersionLowered "api.version-lowered" Documentation Documentation "`info.version` is lower than it was";
    VersionKept "api.version-kept" Documentation Documentation "something breaks, and `info.version` is what it was";
    MajorVersionKept "api.major-version-kept" Documentation Documentation "something breaks, and `info.version` differs behind its first number alone";
    InfoChanged "api.info-changed" Documentation Documentation "`info` says something else";
    ServerAdded "server.added" Compatible Compatible "the API has a further address";
    ServerRemoved "server.removed" Breaking Breaking "an address of the API is gone";
    SchemaAdded "schema.added" Documentation Documentation "a named schema is new";
    SchemaRemoved "schema.removed" Documentation Documentation "a named schema is gone";

    OperationAdded "operation.added" Compatible Compatible "an operation is new";
    OperationRemoved "operation.removed" Breaking Breaking "an operation is gone that was not deprecated";
    OperationRemovedDeprecated "operation.removed-deprecated" Breaking Breaking "a deprecated operation is gone, and no day was set for it";
    OperationRemovedBeforeSunset "operation.removed-before-sunset" Breaking Breaking "an operation is gone before its sunset";
    OperationRemovedAfterSunset "operation.removed-after-sunset" Compatible Compatible "an operation is gone after its sunset";
    OperationIdChanged "operation.id-changed" Documentation Documentation "`operationId` is another one";
    OperationDeprecated "operation.deprecated" Documentation Documentation "an operation is deprecated";
    DeprecatedWithoutSunset "operation.deprecated-without-sunset" Documentation Documentation "an operation is deprecated, and no day is set for it";
    OperationReactivated "operation.reactivated" Documentation Documentation "an operation is not deprecated any more";
    SunsetSet "operation.sunset-set" Documentation Documentation "an operation has a sunset";
    SunsetUnset "operation.sunset-unset" Breaking Breaking "a deprecated operation has no sunset any more";
    SunsetEarlier "operation.sunset-earlier" Breaking Breaking "the sunset of an operation is earlier";
    SunsetLater "operation.sunset-later" Documentation Documentation "the sunset of an operation is later";
    SunsetTooNear "operation.sunset-too-near" Breaking Breaking "the sunset of an operation is nearer than the notice that clients are given";
    DeprecatedSinceChanged "operation.deprecated-since-changed" Documentation Documentation "an operation is deprecated since another day";
    TagAdded "operation.tag-added" Documentation Documentation "an operation has a further tag";
    TagRemoved "operation.tag-removed" Documentation Documentation "an operation lacks a tag";
    PathParameterRenamed "operation.path-parameter-renamed" Documentation Documentation "a parameter in the path has another name";

    RequiredParameterAdded "parameter.required-added" Breaking Compatible "a new parameter is required";
    OptionalParameterAdded "parameter.optional-added" Compatible Compatible "a new parameter is optional";
    RequiredParameterRemoved "parameter.required-removed" Breaking Breaking "a required parameter is gone";
    OptionalParameterRemoved "parameter.optional-removed" Breaking Compatible "an optional parameter is gone";
    ParameterMoved "parameter.moved" Breaking Breaking "a parameter travels elsewhere";
    ParameterBecameRequired "parameter.became-required" Breaking Compatible "a parameter is required";
    ParameterBecameOptional "parameter.became-optional" Compatible Breaking "a parameter is not required any more";
    ParameterStyleChanged "parameter.style-changed" Breaking Breaking "a parameter is written in another style";
    EmptyValueAllowed "parameter.empty-value-allowed" Compatible Breaking "a parameter may be empty";
    EmptyValueRefused "parameter.empty-value-refused" Breaking Compatible "a parameter may not be empty any more";
    ReservedAllowed "parameter.reserved-allowed" Compatible Breaking "a parameter may hold reserved characters as they are";
    ReservedRefused "parameter.reserved-refused" Breaking Compatible "a parameter may not hold reserved characters as they are any more";
    ParameterDeprecated "parameter.deprecated" Documentation Documentation "a parameter is deprecated";
    ParameterReactivated "parameter.reactivated" Documentation Documentation "a parameter is not deprecated any more";

    RequiredBodyAdded "request-body.required-added" Breaking Compatible "a body is required where there was none";
    OptionalBodyAdded "request-body.optional-added" Compatible Compatible "a body is possible where there was none";
    BodyRemoved "request-body.removed" Breaking Breaking "there is no body any more";
    BodyBecameRequired "request-body.became-required" Breaking Compatible "the body is required";
    BodyBecameOptional "request-body.became-optional" Compatible Breaking "the body is not required any more";
    RequestMediaTypeAdded "request-body.media-type-added" Compatible Breaking "the body may be of a further media type";
    RequestMediaTypeRemoved "request-body.media-type-removed" Breaking Compatible "the body may not be of a media type any more";
    RequestMediaTypeWidened "request-body.media-type-widened" Compatible Breaking "the body may be of any media type of a range";
    RequestMediaTypeNarrowed "request-body.media-type-narrowed" Breaking Compatible "the body may be of some media types of a range alone";
    RequestSchemaSet "request-body.schema-set" Breaking Compatible "the body has to fit a schema";
    RequestSchemaUnset "request-body.schema-unset" Compatible Breaking "the body has no schema any more";
    EncodingChanged "request-body.encoding-changed" Breaking Breaking "a field of a form is written otherwise";
    UndeclaredIgnored "request-body.undeclared-ignored" Compatible Compatible "bodies of other media types are ignored";
    UndeclaredRefused "request-body.undeclared-refused" Breaking Breaking "bodies of other media types are refused";

    SuccessAdded "response.success-added" Breaking Compatible "a further status says that it went well";
    SuccessRemoved "response.success-removed" Breaking Breaking "a status that says that it went well is gone";
    ErrorAdded "response.error-added" Compatible Compatible "a further status says that it did not go well";
    ErrorRemoved "response.error-removed" Compatible Compatible "a status that says that it did not go well is gone";
    StatusToldApart "response.status-told-apart" Compatible Compatible "a status has a response of its own";
    StatusMerged "response.status-merged" Compatible Compatible "a status is one of a range or the default";
    ResponseMediaTypeAdded "response.media-type-added" Compatible Compatible "a response may be of a further media type";
    ResponseMediaTypeRemoved "response.media-type-removed" Breaking Breaking "a response is not of a media type any more";
    ResponseMediaTypeWidened "response.media-type-widened" Breaking Compatible "a response may be of any media type of a range";
    ResponseMediaTypeNarrowed "response.media-type-narrowed" Compatible Breaking "a response is of some media types of a range alone";
    ResponseBodyAdded "response.body-added" Compatible Compatible "a response has a body";
    ResponseBodyRemoved "response.body-removed" Breaking Breaking "a response has no body any more";
    ResponseSchemaSet "response.schema-set" Compatible Breaking "a response has to fit a schema";
    ResponseSchemaUnset "response.schema-unset" Breaking Compatible "a response has no schema any more";
    HeaderAdded "response.header-added" Compatible Compatible "a response has a further header";
    RequiredHeaderRemoved "response.required-header-removed" Breaking Compatible "a response lacks a header that it always had";
    OptionalHeaderRemoved "response.optional-header-removed" Compatible Compatible "a response lacks a header that it could lack before, so that clients did without";
    HeaderBecameRequired "response.header-became-required" Compatible Breaking "a response always has a header";
    HeaderBecameOptional "response.header-became-optional" Breaking Compatible "a response may lack a header";
    HeaderStyleChanged "response.header-style-changed" Breaking Breaking "a header is written in another style";

    SecurityAsked "security.asked" Breaking Breaking "credentials are needed where none were";
    SecurityDropped "security.dropped" Compatible Compatible "no credentials are needed any more";
    AlternativeAdded "security.alternative-added" Compatible Compatible "further credentials do";
    AlternativeRemoved "security.alternative-removed" Breaking Breaking "credentials do not do any more";
    ScopeAdded "security.scope-added" Breaking Breaking "a further scope is needed";
    ScopeRemoved "security.scope-removed" Compatible Compatible "a scope is not needed any more";
    SchemeAdded "security.scheme-added" Documentation Documentation "a security scheme is new";
    SchemeRemoved "security.scheme-removed" Documentation Documentation "a security scheme is gone";
    SchemeKindChanged "security.scheme-kind-changed" Breaking Breaking "a security scheme is of another kind";
    KeyMoved "security.key-moved" Breaking Breaking "a key travels elsewhere";
    BearerFormatChanged "security.bearer-format-changed" Documentation Documentation "`bearerFormat` is another one";
    FlowAdded "security.flow-added" Compatible Compatible "a scheme has a further flow";
    FlowRemoved "security.flow-removed" Breaking Breaking "a scheme lacks a flow";
    FlowScopeAdded "security.flow-scope-added" Compatible Compatible "a flow offers a further scope";
    FlowScopeRemoved "security.flow-scope-removed" Breaking Breaking "a flow does not offer a scope any more";
    FlowScopeTextChanged "security.flow-scope-text-changed" Documentation Documentation "the text of a scope says something else";
    SecurityAddressChanged "security.address-changed" Breaking Breaking "tokens are asked for at another address";

    WebhookAdded "webhook.added" Compatible Compatible "the server calls a further address";
    WebhookRemoved "webhook.removed" Breaking Breaking "the server does not call an address any more";

    SummaryChanged "text.summary-changed" Documentation Documentation "a `summary` says something else";
    DescriptionChanged "text.description-changed" Documentation Documentation "a `description` says something else";
    SchemaTitleChanged "text.title-changed" Documentation Documentation "a `title` says something else";
    ExamplesChanged "text.examples-changed" Documentation Documentation "examples are other ones";
    ExternalDocsChanged "text.external-docs-changed" Documentation Documentation "`externalDocs` leads elsewhere";
    TagsChanged "text.tags-changed" Documentation Documentation "the declared tags are other ones";
    LinksChanged "text.links-changed" Documentation Documentation "`links` of a response are other ones";
    XmlChanged "text.xml-changed" Documentation Documentation "`xml` says something else";
    ExtensionChanged "extension.changed" Documentation Documentation "an `x-` key says something else";
    BehaviourWidened "extension.behaviour-widened" Compatible Compatible "an `x-specwright-` key allows or offers more";
    BehaviourNarrowed "extension.behaviour-narrowed" Breaking Breaking "an `x-specwright-` key allows or offers less";
    BehaviourChanged "extension.behaviour-changed" Breaking Breaking "an `x-specwright-` key asks for something else";
    Rewritten "document.rewritten" Documentation Documentation "the contract says the same in another way";
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A schema changed.
    Schema(Place, Change),
    /// Something else did; the flag tells webhooks and callbacks.
    Part(Part, bool),
}

impl Rule {
    /// Every rule, those of webhooks and callbacks included.
    pub fn all() -> impl Iterator<Item = Rule> {
        let flags = [false, true];
        let parts = Part::ALL.iter().flat_map(move |part| {
            let flags = flags
                .into_iter()
                .take(if part.in_operation() { 2 } else { 1 });
            flags.map(|outgoing| Rule::Part(*part, outgoing))
        });
        let places = flags
            .into_iter()
            .flat_map(|outgoing| Spot::ALL.map(|spot| Place { spot, outgoing }));
        let schemas = places.flat_map(|place| {
            Change::ALL
                .iter()
                .map(move |change| Rule::Schema(place, *change))
        });
        parts.chain(schemas)
    }

    /// A stable name: `request-property.max-length-lowered`, `operation.removed`. Those of
    /// webhooks and callbacks begin with `webhook-`.
    pub fn id(self) -> String {
        self.to_string()
    }

    /// What a difference of this kind means.
    pub fn class(self) -> Class {
        let (from_client, (client, server)) = match self {
            Rule::Schema(place, change) => (place.is_sent_by_client(), change.classes()),
            Rule::Part(part, outgoing) => (!outgoing, part.classes()),
        };
        if from_client { client } else { server }
    }

    /// What happened, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Rule::Schema(_, change) => change.meaning(),
            Rule::Part(part, _) => part.meaning(),
        }
    }
}

impl Part {
    /// Whether it may be found in a webhook or callback, and is then named for it.
    fn in_operation(self) -> bool {
        let area = self.id().split('.').next().unwrap_or_default();
        matches!(area, "parameter" | "request-body" | "response")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Schema(place, change) => {
                let prefix = if place.outgoing { "webhook-" } else { "" };
                write!(formatter, "{prefix}{}.{}", place.spot.id(), change.id())
            }
            Rule::Part(part, outgoing) => {
                let prefix = match *outgoing && part.in_operation() {
                    true => "webhook-",
                    false => "",
                };
                write!(formatter, "{prefix}{}", part.id())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<String> = Rule::all().map(Rule::id).collect();
        assert_eq!(names.len(), Rule::all().count());
    }

    #[test]
    fn what_narrows_requests_does_not_break_responses_and_the_other_way() {
        let place = |spot| Place {
            spot,
            outgoing: false,
        };
        let rule = |spot, change| Rule::Schema(place(spot), change).class();
        assert_eq!(rule(Spot::RequestBody, Change::MaxLengthLowered), Breaking);
        assert_eq!(
            rule(Spot::ResponseBody, Change::MaxLengthLowered),
            Compatible
        );
        assert_eq!(rule(Spot::ResponseBody, Change::MaxLengthRaised), Breaking);
        assert_eq!(rule(Spot::RequestBody, Change::MaxLengthRaised), Compatible);
        let outgoing = Place {
            spot: Spot::RequestBody,
            outgoing: true,
        };
        assert_eq!(
            Rule::Schema(outgoing, Change::MaxLengthRaised).class(),
            Breaking
        );
    }
}
