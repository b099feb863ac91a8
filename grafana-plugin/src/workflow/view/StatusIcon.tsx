import React from 'react';
import { Status } from '../states';

// Each status has an outline of its own, so that it is told apart without colour: a ring for what goes well, an octagon for
// a failure, a diamond for a caught one, a square for what was stopped, an arrow out of it for
// what is told elsewhere.
const shapes: Record<Status, React.ReactNode> = {
  RUNNING: (
    <>
      <circle cx="8" cy="8" r="6.5" strokeDasharray="2.6 1.5" />
      <path d="M6.3 5 11 8l-4.7 3z" fill="currentColor" />
    </>
  ),
  SUCCEEDED: (
    <>
      <circle cx="8" cy="8" r="6.5" />
      <path d="m5 8.2 2.2 2.2L11.2 6" />
    </>
  ),
  CAUGHT: (
    <>
      <path d="M8 1 15 8l-7 7-7-7z" />
      <path d="M8 4.8v3.9M8 10.6v.6" />
    </>
  ),
  FAILED: (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z" fill="currentColor" />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" style={{ stroke: 'var(--inverse)' }} />
    </>
  ),
  ABORTED: (
    <>
      <path d="M2 2h12v12H2z" />
      <path d="M5.5 5.5h5v5h-5z" fill="currentColor" />
    </>
  ),
  NOT_REACHED: <circle cx="8" cy="8" r="6.5" strokeDasharray="1.5 2.6" />,
  ELSEWHERE: <path d="M8 3H2v11h11V8M7.5 8.5 14 2M10 2h4v4" />,
};

/** Decoration: whoever shows it says the status in words as well. */
export function StatusIcon({ status, inverse }: { status: Status; inverse: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      data-status={status}
    >
      <g style={{ ['--inverse' as string]: inverse }}>{shapes[status]}</g>
    </svg>
  );
}
