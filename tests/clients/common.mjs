// Helpers of the scripts: counted checks, and queries to the local upstream.

import { setTimeout as sleep } from 'node:timers/promises';

export const TEXT = 'Xin chào, tiếng Việt! 你好，世界 🙂 \u200d👩\u200d🚀';
// The answer takes 15 minutes: a client that sees its beginning reads a stream.
export const ENDLESS = '[[slow:10]][[lorem:100000]]';
// API key with a limit of one request per second.
export const LIMITED_KEY = process.env.LIMITED_KEY;

let passed = 0;

export function check(name, holds) {
  if (!holds) throw new Error(name);
  passed += 1;
  console.log(`ok ${name}`);
}

export async function rejected(kind, work) {
  try {
    await work;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`no ${kind.name}`);
}

// Whether `text` is the complete answer of the local upstream to `prompt`.
export function answers(text, prompt) {
  return text.startsWith(`# You wrote\n\n${prompt}\n\nWhat`) && text.endsWith('read your message.');
}

async function admin(path) {
  return (await fetch(`${process.env.LOCAL_URL}/__local/${path}`)).json();
}

// Counts the answers that the local upstream stops from now on: `stopped()` waits for one.
export async function stops() {
  const { total } = await admin('stops');
  const requests = (await admin('streams')).total;
  const stopped = async () => {
    // The stop is counted before the generation ends.
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(50)) {
      if ((await admin('stops')).total > total && (await admin('streams')).generating === 0) return true;
    }
    return false;
  };
  // Wait for the upstream to begin another answer.
  stopped.begun = async () => {
    while ((await admin('streams')).total === requests);
  };
  return stopped;
}

// Whether `pieces` are the answer to `prompt`, in more than a few parts.
export function streamed(pieces, prompt) {
  const texts = pieces.filter(Boolean);
  return texts.length > 10 && answers(texts.join(''), prompt);
}

export function done() {
  console.log(`${passed} passed`);
}
