import React from 'react';
import { failureShare, ran, tookMs } from '../states';
import { BoxData } from './elements';
import { formatDuration, formatShare } from './format';
import { statusText } from './statusStyle';

/** The line of a box that says what became of the state. */
export function Facts({ data, className }: { data: BoxData; className: string }) {
  const facts = data.mode === 'aggregate' ? aggregateFacts(data) : executionFacts(data);
  return <span className={className}>{facts.filter(Boolean).join(' · ')}</span>;
}

function executionFacts({ run, state }: BoxData): string[] {
  if (state.type === 'Missing') {
    return ['Not defined'];
  }
  const status = run?.status ?? 'NOT_REACHED';
  if (!ran(run)) {
    return [statusText[status]];
  }
  const took = tookMs(run);
  return [
    statusText[status],
    took === undefined ? '' : formatDuration(took),
    run.visits > 1 ? `×${run.visits}` : '',
    run.error && run.status !== 'SUCCEEDED' ? run.error : '',
  ];
}

function aggregateFacts({ run, state }: BoxData): string[] {
  if (state.type === 'Missing') {
    return ['Not defined'];
  }
  if (run === undefined || run.visits === 0) {
    return ['No visits'];
  }
  return [
    `×${run.visits}`,
    `${formatShare(failureShare(run))} failed`,
    run.p95Ms === undefined ? '' : `p95 ${formatDuration(run.p95Ms)}`,
  ];
}

/** How often a state tried again, or that it would. */
export function RetryBadge({ data, className }: { data: BoxData; className: string }) {
  const retries = data.run?.retries ?? 0;
  if (retries === 0 && data.state.retry.length === 0) {
    return null;
  }
  return (
    <span className={className} data-used={retries > 0}>
      ↻{retries > 0 ? ` ${retries}` : ''}
    </span>
  );
}
