// The official verifier of the Bot Connector's tokens, asked about many requests at once: reads
// {metadata, appId, vectors: [{authorization, serviceUrl, channelId}]} from stdin, prints a list of true and false.
const {
  BotFrameworkAuthenticationFactory,
  AuthenticationConfiguration,
  PasswordServiceClientCredentialFactory,
} = require("botframework-connector");

async function main() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const { metadata, appId, vectors } = JSON.parse(text);
  const authentication = BotFrameworkAuthenticationFactory.create(
    "",
    true,
    "https://login.microsoftonline.com/botframework.com",
    "https://api.botframework.com",
    "https://api.botframework.com",
    "https://api.botframework.com",
    metadata,
    metadata,
    "",
    new PasswordServiceClientCredentialFactory(appId, ""),
    new AuthenticationConfiguration(),
    undefined,
    undefined,
  );
  const answers = [];
  for (const { authorization, serviceUrl, channelId } of vectors) {
    const activity = { type: "invoke", id: "1", channelId, serviceUrl, recipient: { id: "28:" + appId } };
    try {
      await authentication.authenticateRequest(activity, authorization);
      answers.push(true);
    } catch {
      answers.push(false);
    }
  }
  process.stdout.write(JSON.stringify(answers));
}

main();
