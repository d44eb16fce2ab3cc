// Seeded mistakes: each replaces one place of a driver in this folder by a mistake that people make.
//
// `find` occurs once in the file. The mistake is on the line where the text first differs (mutatedLine); a good
// compiler's first error is on that line. `what` says the mistake, not the expected message.

export type CorpusFile = "uart.pnk" | "ethernet.pnk" | "timer.pnk";

export interface Mutation {
  readonly file: CorpusFile;
  readonly what: string;
  readonly find: string;
  readonly replace: string;
}

function inFile(file: CorpusFile, rows: readonly (readonly [string, string, string])[]): readonly Mutation[] {
  return rows.map(([what, find, replace]) => ({ file, what, find, replace }));
}

/** The file with the mistake in it; throws if `find` does not occur exactly once. */
export function mutate(source: string, { file, find, replace }: Mutation): string {
  const at = source.indexOf(find);
  if (at < 0 || source.indexOf(find, at + 1) >= 0) throw new Error(`${file}: not exactly once: ${find}`);
  return source.slice(0, at) + replace + source.slice(at + find.length);
}

/** The line, from 1, of the first character in which the mutated file differs. */
export function mutatedLine(source: string, mutated: string): number {
  let at = 0;
  while (at < source.length && source[at] === mutated[at]) at++;
  return mutated.slice(0, at).split("\n").length;
}

// prettier-ignore
const uart = inFile("uart.pnk", [
  ["misspelt exception in throw", "throw Empty queue.control;", "throw Emty queue.control;"],
  ["missing semicolon after exception", "exception Full : {1,1};", "exception Full : {1,1}"],
  ["misspelt function", "    var 1 length = queue_length(queue);\n    if length == 0 {", "    var 1 length = queue_lenght(queue);\n    if length == 0 {"],
  ["last return forgotten", "    return char;\n", ""],
  ["return forgotten after early return", "    return true;\n", ""],
  ["word thrown instead of pair", "throw Full <char, length>;", "throw Full char;"],
  ["triple thrown instead of pair", "throw Full <char, length>;", "throw Full <char, length, queue.data>;"],
  ["unclosed parenthesis", "if (status & UART_LSR_ERROR) != 0 {", "if (status & UART_LSR_ERROR != 0 {"],
  ["wrong arrow", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take(tx) catch Empty -> nothing {"],
  ["undeclared catch variable", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take(tx) catch Empty => none {"],
  ["argument forgotten", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take() catch Empty => nothing {"],
  ["surplus argument", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take(tx, 1) catch Empty => nothing {"],
  ["wrong argument shape", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take(tx.control) catch Empty => nothing {"],
  ["undeclared exception in catch", "try char = queue_take(tx) catch Empty => nothing {", "try char = queue_take(tx) catch QueueEmpty => nothing {"],
  ["comma forgotten in shared store", "!st8 REG(UART_THR), char;", "!st8 REG(UART_THR) char;"],
  ["compound assignment", "sent = sent + 1;", "sent += 1;"],
  ["increment operator", "sent = sent + 1;", "sent++;"],
  ["component forgotten", "counters = <counters.0 + sent, counters.1, counters.2, counters.3>;", "counters = <counters.0 + sent, counters.1, counters.2>;"],
  ["component out of range", "counters = <counters.0 + sent, counters.1, counters.2, counters.3>;", "counters = <counters.0 + sent, counters.1, counters.2, counters.4>;"],
  ["assignment as argument", "want_tx_irq(left != 0);", "want_tx_irq(left = 0);"],
  ["unknown field in macro argument", "NOTIFY(channels.tx);", "NOTIFY(channels.txx);"],
  ["capitalised constant", "var 1 ready = true;", "var 1 ready = True;"],
  ["shape does not fit initial value", "var {1,1} lost = <0, 0>;", "var {1,1} lost = <0, 0, 0>;"],
  ["shared load without exclamation mark", "!ld8 char, REG(UART_RBR);", "ld8 char, REG(UART_RBR);"],
  ["shared load into undeclared variable", "!ld8 char, REG(UART_RBR);", "!ld8 chr, REG(UART_RBR);"],
  ["shared load into a struct", "!ld8 char, REG(UART_RBR);", "!ld8 lost, REG(UART_RBR);"],
  ["opening brace forgotten", "    while ready {\n", "    while ready\n"],
  ["misspelt keyword of a function", "export fun 1 notified(1 channel) {", "export fn 1 notified(1 channel) {"],
  ["too many parameters for an export", "export fun 1 notified(1 channel) {", "export fun 1 notified(1 a, 1 b, 1 c, 1 d, 1 channel) {"],
  ["struct result of an export", "export fun 1 notified(1 channel) {", "export fun {1,1} notified(1 channel) {"],
  ["call without parentheses", "        handle_irq();\n", "        handle_irq;\n"],
  ["assignment as condition", "if which == 0 { value", "if which = 0 { value"],
  ["struct assigned to a word", "{ value = counters.1; }", "{ value = counters; }"],
  ["main with parameters", "fun 1 main() {", "fun 1 main(1 argc) {"],
  ["exported main", "fun 1 main() {", "export fun 1 main() {"],
  ["misspelt struct in lds", "lds Config @base;", "lds Confg @base;"],
  ["struct loaded into a word", "var Config config = lds Config @base;", "var 1 config = lds Config @base;"],
  ["misspelt field", "regs = config.registers;", "regs = config.register;"],
  ["field of literal forgotten", "tx = Queue <control = config.tx_queue, data = config.tx_data, capacity", "tx = Queue <control = config.tx_queue, capacity"],
  ["misspelt field in literal", "rx = Queue <control = config.rx_queue, data =", "rx = Queue <contrl = config.rx_queue, data ="],
  ["field given twice", "rx = Queue <control = config.rx_queue, data =", "rx = Queue <control = config.rx_queue, control ="],
  ["shift by a word's size", "(config.channels >>> 8) & 255", "(config.channels >>> 64) & 255"],
  ["misspelt macro", "!st8 REG(UART_LCR), UART_LCR_8N1;", "!st8 REG(UART_LCR), UART_LRC_8N1;"],
  ["misspelt break", "            break;\n", "            brake;\n"],
  ["field declared twice", "struct Channels { 1 irq, 1 tx, 1 rx }", "struct Channels { 1 irq, 1 tx, 1 tx }"],
  ["exception without shape", "exception LineError : 1;", "exception LineError;"],
  ["exception declared twice", "exception LineError : 1;", "exception Full : 1;"],
  ["misspelt struct of a parameter", "inline fun 1 queue_length(Queue queue) {", "inline fun 1 queue_length(Que queue) {"],
  ["surplus closing parenthesis", "return (tail - head) & 4294967295;", "return (tail - head)) & 4294967295;"],
  ["shape in front of an assignment", "        room = UART_FIFO_BYTES;", "        1 room = UART_FIFO_BYTES;"],
  ["comment opened wrongly", "/* At most UART_FIFO_BYTES rounds. */", "/ * At most UART_FIFO_BYTES rounds. */"],
]);

// prettier-ignore
const ethernet = inFile("ethernet.pnk", [
  ["comma forgotten between fields", "struct Buffer { 1 address, 1 length }", "struct Buffer { 1 address 1 length }"],
  ["semicolon between fields", "struct Buffer { 1 address, 1 length }", "struct Buffer { 1 address; 1 length }"],
  ["semicolon after struct", "struct Pair { 1 active, 1 free }", "struct Pair { 1 active, 1 free };"],
  ["struct declared twice", "struct Pair { 1 active, 1 free }", "struct Buffer { 1 active, 1 free }"],
  ["closing brace of a shape forgotten", "exception DeviceFault : {1,{1,1}};", "exception DeviceFault : {1,{1,1};"],
  ["zero as shape", "exception NoBuffer : 1;", "exception NoBuffer : 0;"],
  ["wrong shape three levels deep", "var {{1,1},{1,1}} traffic = < <0, 0>, <0, 0> >;", "var {{1,1},{1,1}} traffic = < <0, 0>, <0, <0, 0> > >;"],
  ["struct literal not closed", "var Pair rx_queues = Pair <active = 0, free = 0>;", "var Pair rx_queues = Pair <active = 0, free = 0;"],
  ["wrong struct in literal", "var Pair tx_queues = Pair <active = 0, free = 0>;", "var Pair tx_queues = Ring <active = 0, free = 0>;"],
  ["initial value uses a later global", "var 1 eth = 0;", "var 1 eth = rx.tail;"],
  ["call in an initial value", "var 1 eth = 0;", "var 1 eth = netq_length(0);"],
  ["misspelt return", "    return (tail - head) & 65535;", "    retrun (tail - head) & 65535;"],
  ["semicolon forgotten after throw", "if length == 0 { throw NoBuffer queue; }", "if length == 0 { throw NoBuffer queue }"],
  ["throw without payload", "if length == 0 { throw NoBuffer queue; }", "if length == 0 { throw NoBuffer; }"],
  ["semicolon forgotten after return", "    return Buffer <address = address, length = bytes>;", "    return Buffer <address = address, length = bytes>"],
  ["raw literal for a named struct", "    return Buffer <address = address, length = bytes>;", "    return <address, bytes>;"],
  ["closing parenthesis forgotten", "fun 1 netq_put(1 queue, Buffer buffer) {", "fun 1 netq_put(1 queue, Buffer buffer {"],
  ["assignment to a field", "    !stw entry, buffer.address;", "    buffer.address = entry;"],
  ["store of a struct to a device", "    !stw entry, buffer.address;", "    !stw entry, buffer;"],
  ["misspelt shared store", "    !st16 entry + 8, buffer.length;", "    !st24 entry + 8, buffer.length;"],
  ["foreign call with three arguments", "        @notify(channel, 0, 0, 0);", "        @notify(channel, 0, 0);"],
  ["foreign call with a struct", "        @notify(channel, 0, 0, 0);", "        @notify(channel, rx, 0, 0);"],
  ["struct compared with a word", "    return ring.tail - ring.head == RING_SIZE;", "    return ring - ring.head == RING_SIZE;"],
  ["structs compared", "    if ring.tail == ring.head { return true; }", "    if ring == ring { return true; }"],
  ["braces forgotten", "    if ring.tail == ring.head { return true; }", "    if ring.tail == ring.head return true;"],
  ["chained comparison", "    if ring.tail == ring.head { return true; }", "    if ring.tail == ring.head == 0 { return true; }"],
  ["component of a word", "    var 1 descriptor = ring.descriptors + slot * DESC_BYTES;", "    var 1 descriptor = ring.descriptors.0 + slot * DESC_BYTES;"],
  ["number instead of field name", "    st ring.slots + slot * @biw, buffer.address;", "    st ring.slots + slot * @biw, buffer.0;"],
  ["struct as address", "    !stw ring.kick, slot;", "    !stw ring, slot;"],
  ["undeclared variable", "    !stw ring.kick, slot;", "    !stw ring.kick, slots;"],
  ["division", "    return moved;\n}\n\n/* Transmit", "    return moved / 2;\n}\n\n/* Transmit"],
  ["wrong order of components returned", "    return <rest, buffer>;", "    return <buffer, rest>;"],
  ["wrong shape of a local for a call", "    var {1,1} low = __add_with_carry__(total.0, amount, 0);", "    var 1 low = __add_with_carry__(total.0, amount, 0);"],
  ["carry-in forgotten", "    var {1,1} high = __add_with_carry__(total.1, 0, low.1);", "    var {1,1} high = __add_with_carry__(total.1, low.1);"],
  ["result shape of callee", "    var 1 full = ring_full(rx);", "    var {1,1} full = ring_full(rx);"],
  ["component of a call's component", "        traffic = <traffic.0, received>;", "        traffic = <traffic.0.0, received>;"],
  ["payload of wrong nesting", "throw DeviceFault <status, <rx.head, tx.head> >;", "throw DeviceFault <status, rx.head, tx.head>;"],
  ["brackets as in C", "        @report(fault.0, fault.1.0, fault.1.1, 0);", "        @report(fault.0, fault.1[0], fault.1.1, 0);"],
  ["single equals sign", "    if channel == CH_IRQ {", "    if channel = CH_IRQ {"],
  ["last return forgotten", "    return -1;\n", ""],
  ["misspelt exported function's parameter", "export fun 1 traffic_low(1 direction) {", "export fun 1 traffic_low(1 direktion, 1 direktion) {"],
  ["function declared twice", "fun 1 tx_return() {", "fun 1 rx_return() {"],
  ["missing address operand", "    var Setup setup = lds Setup @base;", "    var Setup setup = lds Setup;"],
  ["wrong macro argument count", "    !stw eth + ETH_CONTROL, ETH_CONTROL_ENABLE;", "    !stw eth + ETH_CONTROL ETH_CONTROL_ENABLE;"],
]);

// prettier-ignore
const timer = inFile("timer.pnk", [
  ["word after a number", "var 1 clients = 0;", "var 1 clients = 0 words;"],
  ["type of C", "var 1 heap_size = 0;", "int heap_size = 0;"],
  ["initial value forgotten", "var 1 heap_size = 0;", "var 1 heap_size;"],
  ["payload of undeclared struct", "exception Occupied : Entry;", "exception Occupied : Entri;"],
  ["operator that does not exist", "    return high << 32 | low;", "    return high <<< 32 | low;"],
  ["field of a word", "    return high << 32 | low;", "    return high.high << 32 | low;"],
  ["misspelt global", "    if deadline == alarm { return 0; }", "    if deadline == alrm { return 0; }"],
  ["value forgotten", "    alarm = deadline;\n", "    var alarm = ;\n"],
  ["semicolon forgotten after assignment", "    alarm = deadline;\n", "    alarm = deadline\n"],
  ["comma instead of semicolon", "    alarm = deadline;\n", "    alarm = deadline,\n"],
  ["signed shift misspelt", "deadline >>> 32;", "deadline >>>> 32;"],
  ["value of a store forgotten", "    st ENTRY(position), entry;", "    st ENTRY(position);"],
  ["struct stored as a byte", "    st8 POSITIONS + entry.client, position + 1;", "    st8 POSITIONS + entry.client, entry;"],
  ["field of the wrong struct", "    st8 POSITIONS + entry.client, position + 1;", "    st8 POSITIONS + entry.clients, position + 1;"],
  ["declaration without var", "        var 1 parent = at - 1 >>> 1;", "        1 parent = at - 1 >>> 1;"],
  ["word passed for a struct", "            return heap_place(at, entry);\n        }\n        heap_place(at, above);", "            return heap_place(at, entry.deadline);\n        }\n        heap_place(at, above);"],
  ["struct returned as a word", "    if right >= heap_size { return left; }", "    if right >= heap_size { return lds Entry HEAP; }"],
  ["braces forgotten after if", "        if child == heap_size { break; }", "        if child == heap_size break;"],
  ["break outside of a loop", "    if position == 0 { return NEVER; }", "    if position == 0 { break; }"],
  ["missing operand", "    heap_size = heap_size + 1;", "    heap_size = heap_size + ;"],
  ["misspelt keyword", "    while heap_size != 0 {", "    whlie heap_size != 0 {"],
  ["string literal", "        @notify(first.client, 0, 0, 0);", "        @notify(\"timer\", 0, 0, 0);"],
  ["argument in wrong order", "        heap_up(position, last);", "        heap_up(last, position);"],
  ["undeclared struct of a local", "        var Entry last = LOAD(heap_size);", "        var Entrie last = LOAD(heap_size);"],
  ["extra brace closes the function", "    return removed.deadline;\n}", "    return removed.deadline;\n}}"],
  ["try without catch", "    try check_client(client) catch BadClient => bad { return false; }", "    try check_client(client);"],
  ["catch variable is a global", "    try check_client(client) catch BadClient => bad { return false; }", "    try check_client(client) catch BadClient => alarm { return false; }"],
  ["catch variable of wrong shape", "    try position = heap_add(wanted) catch Occupied => present {", "    try position = heap_add(wanted) catch Occupied => bad {"],
  ["result assigned to a struct", "    try position = heap_add(wanted) catch Occupied => present {", "    try wanted = heap_add(wanted) catch Occupied => present {"],
  ["literal with a field too many", "Entry <client = client, deadline = now + delay * NS_PER_US>;", "Entry <client = client, deadline = now, delay = delay>;"],
  ["for loop", "    while client < MAX_CLIENTS {", "    for client < MAX_CLIENTS {"],
  ["do while", "    while client < MAX_CLIENTS {", "    do {"],
  ["modulo", "        client = client + 1;", "        client = (client + 1) % 32;"],
  ["shared store of nothing", "    !st32 rtc + RTC_IRQ_ENABLED, 1;", "    !st32 rtc + RTC_IRQ_ENABLED;"],
  ["ternary operator", "    return deadline != NEVER;", "    return deadline != NEVER ? 1 : 0;"],
  ["keyword as name", "    var 1 deadline = heap_remove(client);", "    var 1 return = heap_remove(client);"],
]);

/** All seeded mistakes. */
export const mutations: readonly Mutation[] = [...uart, ...ethernet, ...timer];
