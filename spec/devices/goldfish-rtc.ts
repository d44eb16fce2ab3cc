// Goldfish RTC: the real-time clock of RISC-V boards, which counts nanoseconds. Relies on schema.ts.

import { field, register, type DeviceSpec } from "./schema.ts";

export const goldfishRtcFields = { interrupt: { alarm: field(0) } };

export const goldfishRtc: DeviceSpec = {
  name: "goldfish-rtc",
  doc: "Real-time clock with one alarm.",
  source: "Android emulator, goldfish virtual hardware, section on goldfish_rtc",
  bytes: 0x1000,
  accesses: [4],
  compatible: ["google,goldfish-rtc"],
  registers: [
    register("time_low", 0x00, "Low half of the nanoseconds; loading it latches the high half."),
    register("time_high", 0x04, "High half of what was latched; a store of time_low takes both."),
    register("alarm_low", 0x08, "Low half of the alarm; storing it sets the alarm."),
    register("alarm_high", 0x0c, "High half of the alarm, stored first."),
    register("irq_enabled", 0x10, "Lets the alarm through.", { fields: goldfishRtcFields.interrupt }),
    register("clear_alarm", 0x14, "Any store takes the alarm back.", { access: "wo" }),
    register("alarm_status", 0x18, "1 while an alarm is set.", { access: "ro" }),
    register("clear_interrupt", 0x1c, "Any store clears the interrupt.", { access: "wo" }),
  ],
};
