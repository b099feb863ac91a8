import React, { ReactNode, useEffect, useRef } from 'react';
import { useView } from './context';
import { BoxData } from './elements';

interface Props {
  id: string;
  data: BoxData;
  className: string;
  children: ReactNode;
}

/** What of a box one can click and focus. */
export function BoxButton({ id, data, className, children }: Props) {
  const { selected, tabStop, wanted, open, focused } = useView();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (wanted === id) {
      button.current?.focus({ preventScroll: true });
    }
  }, [wanted, id]);
  return (
    <button
      ref={button}
      type="button"
      className={className}
      aria-label={data.name}
      aria-pressed={selected === data.state.name}
      aria-description={data.ways || undefined}
      title={data.run?.message ? `${data.name}\n${data.run.message}` : data.name}
      tabIndex={tabStop === id ? 0 : -1}
      data-state={data.state.name}
      onClick={() => open(id)}
      onFocus={() => focused(id)}
    >
      {children}
    </button>
  );
}
