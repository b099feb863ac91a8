import React from 'react';
import { NodeType } from '../graph';

const lines: Record<Exclude<NodeType, 'Start' | 'End'>, string> = {
  Task: 'M2.5 4.5h11v7h-11zM5 7.5l1.5 1.2L5 10M8 10h2.5',
  Pass: 'M2 8h11M9.5 4.5 13 8l-3.5 3.5',
  Choice: 'M8 2l6 6-6 6-6-6zM6.6 6.8a1.5 1.5 0 1 1 1.6 1.5v.8M8.2 10.9v.1',
  Wait: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.8V8l2.2 1.6',
  Succeed: 'm3 8.5 3.3 3.3L13 4.8',
  Fail: 'm4 4 8 8m0-8-8 8',
  Parallel: 'M8 2v3M3.5 14V8.5h9V14M8 5v3.5M8 8.5V14',
  Map: 'M2.5 2.5h7v7h-7zM4.8 11.5h6.7V4.8M7 13.8h6.8V7',
  Missing: 'M8 3v6M8 11.8v.4',
  Unknown: 'M6 6a2 2 0 1 1 2.4 2c-.3.1-.4.4-.4.8V9.6M8 12v.2',
};

/** Decoration: the type is part of the box's name. */
export function TypeIcon({ type }: { type: NodeType }) {
  if (type === 'Start' || type === 'End') {
    return null;
  }
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.3"
      aria-hidden="true"
    >
      <path d={lines[type]} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
