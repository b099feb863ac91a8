import { GrafanaTheme2 } from '@grafana/data';
import { Status } from '../states';

/** How a status is said. */
export const statusText: Record<Status, string> = {
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  CAUGHT: 'Caught',
  FAILED: 'Failed',
  ABORTED: 'Aborted',
  NOT_REACHED: 'Not reached',
  ELSEWHERE: 'In other executions',
};

export interface StatusColor {
  /** Lines and shapes. */
  line: string;
  /** Text on the background of a box. */
  text: string;
}

/** Only ever an addition: each status has an icon of another shape, a text and a border of its own. */
export function statusColor({ colors }: GrafanaTheme2, status: Status): StatusColor {
  switch (status) {
    case 'RUNNING':
      return { line: colors.info.border, text: colors.info.text };
    case 'SUCCEEDED':
      return { line: colors.success.border, text: colors.success.text };
    case 'CAUGHT':
      return { line: colors.warning.border, text: colors.warning.text };
    case 'FAILED':
      return { line: colors.error.border, text: colors.error.text };
    case 'ABORTED':
      return { line: colors.text.secondary, text: colors.text.primary };
    default:
      return { line: colors.border.medium, text: colors.text.secondary };
  }
}
