//! Bodies: forms, text, bytes as streams, several media types.

use crate::noting;
use crate::world::{Random, Seen, block_on, clients};
use futures_util::stream;
use specwright_generated_tests::both::bodies::{form, several};
use specwright_runtime::client::ErrorKind;
use specwright_runtime::{ByteStream, Context, Fault, Integer};
use std::io;

use form::{
    FormBody, FormBodyAddress, FormBodyDeep, FormRequest, FormResponse, FreeRequest, FreeResponse,
};
noting!(form::Form { form(FormRequest) FormResponse, free(FreeRequest) FreeResponse, });

#[test]
fn forms_arrive_as_they_were_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(form::FormApi(seen.clone())).await {
            let client = form::FormClient::new(client);
            let mut random = Random::new(6);
            for round in 0..200 {
                let request = FormRequest {
                    body: FormBody {
                        name: random.some_text(),
                        age: random.maybe(|_| -3),
                        ok: random.maybe(|_| true),
                        tags: random.maybe(|random| vec![random.text(), random.text()]),
                        joined: random.maybe(|_| vec![Integer::from(1), Integer::from(2)]),
                        address: random.maybe(|random| FormBodyAddress {
                            street: Some(random.text()),
                            number: random.maybe(|_| Integer::from(4)),
                        }),
                        deep: random.maybe(|random| FormBodyDeep {
                            a: Some(random.text()),
                        }),
                        nested: None,
                    },
                };
                let outcome = client.form(request.clone()).await;
                outcome.unwrap_or_else(|error| panic!("{round}: {error}: {request:?}"));
                assert_eq!(seen.take(), Some(request));
                let request = FreeRequest {
                    body: random.maybe(|random| {
                        let names = ["a", "ä b", "x&y=z", "n+m"];
                        let name = random.choose(&names).to_owned();
                        [(name, random.text())].into_iter().collect()
                    }),
                };
                client.free(request.clone()).await.expect("an answer");
                assert_eq!(seen.take(), Some(request));
            }
        }
    });
}

/// Answers with the note in the form that it came in; bytes come in pieces.
struct Notes;

impl several::Several for Notes {
    async fn note(
        &self,
        request: several::NoteRequest,
        _: &Context,
    ) -> Result<several::NoteResponse, Fault> {
        use several::{NoteBody, NoteOkBody};
        Ok(several::NoteResponse::Ok(match request.body {
            NoteBody::Json(note) | NoteBody::Form(note) => NoteOkBody::Json(note),
            NoteBody::Text(text) => NoteOkBody::Text(text),
            NoteBody::Bytes(bytes) => NoteOkBody::Bytes(ByteStream::new(bytes)),
        }))
    }

    async fn optional(
        &self,
        request: several::OptionalRequest,
        _: &Context,
    ) -> Result<several::OptionalResponse, Fault> {
        match request.body {
            None | Some(several::OptionalBody::VndExampleNotePlusJson(_)) => {
                Ok(several::OptionalResponse::NoContent)
            }
            Some(other) => Err(Fault::internal(format!("{other:?}"))),
        }
    }
}

#[test]
fn each_media_type_arrives_as_itself_and_comes_back() {
    use several::{Note, NoteBody, NoteOkBody, NoteRequest, NoteResponse};
    block_on(async {
        for client in clients(several::SeveralApi(Notes)).await {
            let client = several::SeveralClient::new(client);
            let note = Note {
                text: "ä \"b\" & c\n".to_owned(),
            };
            for body in [NoteBody::Json(note.clone()), NoteBody::Form(note.clone())] {
                let answer = client.note(NoteRequest { body }).await.expect("an answer");
                let NoteResponse::Ok(NoteOkBody::Json(back)) = answer else {
                    panic!("{answer:?}");
                };
                assert_eq!(back, note);
            }
            let body = NoteBody::Text("ä\n\u{0}".to_owned());
            let answer = client.note(NoteRequest { body }).await.expect("an answer");
            let NoteResponse::Ok(NoteOkBody::Text(back)) = answer else {
                panic!("{answer:?}");
            };
            assert_eq!(back, "ä\n\u{0}");
        }
    });
}

#[test]
fn bytes_stream_both_ways() {
    use several::{NoteBody, NoteOkBody, NoteRequest, NoteResponse};
    block_on(async {
        for client in clients(several::SeveralApi(Notes)).await {
            // Larger than what is read whole may be.
            let client = several::SeveralClient::new(client.answer_bytes(1000));
            let pieces = (0..40_u8).map(|number| Ok::<_, io::Error>(vec![number; 30_000].into()));
            let body = NoteBody::Bytes(ByteStream::new(stream::iter(pieces)));
            let answer = client.note(NoteRequest { body }).await.expect("an answer");
            let NoteResponse::Ok(NoteOkBody::Bytes(mut back)) = answer else {
                panic!("{answer:?}");
            };
            let mut all = Vec::new();
            while let Some(piece) = back.next().await {
                all.extend_from_slice(&piece.expect("a piece"));
            }
            let expected: Vec<u8> = (0..40_u8).flat_map(|number| vec![number; 30_000]).collect();
            assert!(all == expected, "{} bytes came back", all.len());
        }
    });
}

#[test]
fn optional_bodies_may_stay_away() {
    use several::{Note, OptionalBody, OptionalRequest, OptionalResponse};
    block_on(async {
        for client in clients(several::SeveralApi(Notes)).await {
            let client = several::SeveralClient::new(client);
            let note = Note {
                text: String::new(),
            };
            for body in [
                None,
                Some(OptionalBody::VndExampleNotePlusJson(note.clone())),
            ] {
                let answer = client.optional(OptionalRequest { body }).await;
                assert_eq!(answer.expect("an answer"), OptionalResponse::NoContent);
            }
            // A fault of the service is a problem that the contract does not declare.
            let body = Some(OptionalBody::Json(note));
            let error = client.optional(OptionalRequest { body }).await;
            let error = error.expect_err("a fault");
            assert!(matches!(
                error.kind(),
                ErrorKind::Rejected { status: 500, .. }
            ));
            assert_eq!(error.problem().expect("problem details").status, Some(500));
        }
    });
}
