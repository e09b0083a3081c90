/* Node's own HTTP/2 client: node http2_client.js ORIGIN TOKEN. One session; an event stream on it, and POSTs
 * beside it. Says what came of them in one line of JSON. */
"use strict";

const [origin, token] = process.argv.slice(2);
const COUNT = 20;
const session = require("node:http2").connect(origin, {rejectUnauthorized: false});
const said = {posts: [], texts: []};

function post(n) {
    const stream = session.request({
        ":method": "POST", ":path": "/v1/send", "authorization": "Bearer " + token,
    });
    stream.on("response", (fields) => said.posts.push(fields[":status"]));
    stream.on("close", () => n + 1 < COUNT ? post(n + 1) : finish());
    stream.end(JSON.stringify({type: "say", id: "node-" + n, room: "#lobby", text: "node " + n}));
    stream.resume();
}

const events = session.request({":path": "/v1/events", "authorization": "Bearer " + token});
let text = "";

events.setEncoding("utf8");
events.on("data", (piece) => {
    text += piece;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2))
        take(text.slice(0, end));
});

function take(block) {
    const data = block.split("\n").find((line) => line.startsWith("data: "));
    const event = data ? JSON.parse(data.slice(6)) : {};

    if (event.type === "hello")
        post(0);
    if (event.type === "message" && event.id.startsWith("node-"))
        said.texts.push(event.text);
    finish();
}

function finish() {
    if (said.posts.length < COUNT || said.texts.length < COUNT || events.closed)
        return;
    events.close();
    session.close();
    console.log(JSON.stringify(said));
}
