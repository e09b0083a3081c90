/* What a page of its own can do with the server: ?server=ORIGIN&user=NAME. Each step is one fact;
 * all of them go into the page, and back to whoever served it. */
"use strict";

const options = new URLSearchParams(location.search);
const server = options.get("server");
let token = null;

async function ask(path, body, headers) {
    const answer = await fetch(server + path, {
        method: body === undefined ? "GET" : "POST",
        headers: {...(token && {Authorization: "Bearer " + token}), ...headers},
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    return {status: answer.status, body: await answer.json()};
}

function say(id) {
    return {type: "say", id, room: "#lobby", text: "from a page"};
}

async function login() {
    const answer = await ask("/v1/login", {user: options.get("user")});
    token = answer.body.token;
    return answer.body.user;
}

async function send() {
    const answer = await ask("/v1/send", [say("p1"), say("p2")],
                             {"Content-Type": "application/json"});
    return [answer.status, answer.body.map((member) => member.type)];
}

async function refused() {
    const answer = await ask("/v1/history?room=%23nowhere");
    return [answer.status, answer.body.error.code];
}

/* Opens, shows its token, says something, and waits for its receipt and for it to come down. A browser
 * keeps what has credentials, as every WebSocket does, on connections of its own; by HTTP/2 it opens
 * one where it has such a connection already. */
async function socket() {
    await fetch(server + "/healthz", {mode: "no-cors", credentials: "include"});
    return talk();
}

function talk() {
    return new Promise((resolve, reject) => {
        const stream = new WebSocket(server.replace(/^http/, "ws") + "/v1/ws", "rtchat.v1");
        const seen = [];
        stream.onopen = () => stream.send(JSON.stringify({type: "auth", token}));
        stream.onerror = () => reject(new Error("no WebSocket"));
        stream.onmessage = (message) => {
            const event = JSON.parse(message.data);
            if (event.type === "hello")
                stream.send(JSON.stringify(say("w1")));
            if (event.type === "hello" || event.id === "w1")
                seen.push(event.type);
            if (seen.length === 3) {
                stream.close(1000);
                resolve(seen.sort());
            }
        };
    });
}

/* The blocks of an event stream, as they come. */
async function* blocks(answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
        const piece = await reader.read();
        if (piece.done)
            return;
        text += piece.value;
        for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2))
            yield text.slice(0, end);
    }
}

function field(block, name) {
    return block.split("\n").filter((line) => line.startsWith(name + ": "))
        .map((line) => line.slice(name.length + 2)).join("\n");
}

/* Reads the stream from cursor, says id once hello has come, and reads on until that comes down:
 * the messages on the way, and the cursor behind them. */
async function follow(cursor, id) {
    const stop = new AbortController();
    const answer = await fetch(server + "/v1/events", {
        headers: {
            Authorization: "Bearer " + token,
            ...(cursor && {"Last-Event-ID": cursor}),
        },
        signal: stop.signal,
    });
    const messages = [];
    for await (const block of blocks(answer)) {
        if (!field(block, "data"))
            continue;
        const event = JSON.parse(field(block, "data"));
        cursor = field(block, "id") || cursor;
        if (event.type === "hello")
            await ask("/v1/send", say(id));
        if (event.type === "message")
            messages.push(event.id);
        if (event.id === id)
            break;
    }
    stop.abort();
    return {messages, cursor};
}

async function stream() {
    const first = await follow(null, "s1");
    await ask("/v1/send", say("s2"));
    const second = await follow(first.cursor, "s3");
    return [first.messages, second.messages];
}

async function poll() {
    const head = (await ask("/v1/hello")).body.cursor;
    await ask("/v1/send", say("l1"));
    const answer = await ask("/v1/poll?wait=20&after=" + head);
    return answer.body.events.map((event) => event.id);
}

const steps = {login, send, refused, socket, stream, poll};

async function all() {
    const result = {};
    for (const [name, step] of Object.entries(steps)) {
        try {
            result[name] = await step();
        } catch (error) {
            result[name] = String(error);
        }
    }
    return result;
}

async function run(place) {
    const result = await all();
    place.textContent = JSON.stringify(result);
    document.title = "done";
    await fetch("/result", {method: "POST", body: JSON.stringify(result)});
}

/* Another page may have this for its script, too, and call all() itself. */
if (document.getElementById("result"))
    run(document.getElementById("result"));
