import { createContext, useContext } from 'react';

/** What the boxes of one view share and what changes without new data. */
export interface ViewState {
  /** The name of the selected state. */
  selected?: string;
  /** The id of the one box that Tab stops at. */
  tabStop?: string;
  /** The id of the box that is to have the focus as soon as it is there. */
  wanted?: string;
  open(id: string): void;
  focused(id: string): void;
}

export const ViewContext = createContext<ViewState>({ open: () => {}, focused: () => {} });

export const useView = () => useContext(ViewContext);
