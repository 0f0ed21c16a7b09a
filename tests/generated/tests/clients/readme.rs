//! The README's client does what the README says.

use crate::world::{Seen, block_on, serve};
use specwright_generated_tests::greetings::{
    self, GreetOkBody, GreetRequest, GreetResponse, Greetings, GreetingsApi,
};
use specwright_runtime::{Context, Fault};

include!(concat!(env!("OUT_DIR"), "/readme/client.rs"));

impl Greetings for Seen {
    async fn greet(&self, request: GreetRequest, _: &Context) -> Result<GreetResponse, Fault> {
        let text = format!("Hello {}!", request.name);
        self.put(request);
        Ok(GreetResponse::Ok(GreetOkBody { text }))
    }
}

#[test]
fn the_readme_can_be_followed() {
    block_on(async {
        let seen = Seen::default();
        let (_, origin) = serve(GreetingsApi(seen.clone())).await;
        follow(&origin).await.expect("an answer");
        let expected = GreetRequest {
            name: "Ada".to_owned(),
            times: 2,
        };
        assert_eq!(seen.take(), Some(expected));
    });
}
