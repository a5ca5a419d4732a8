// A finding whose page was left at once, before it could be sent, is sent by whichever page comes next.
import { send } from "./outbox.js";

send({ now: true });
